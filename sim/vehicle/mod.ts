// Door of the simulated vehicles: models, the car as plain data, and its pure step.
export { type CarReading, type CarState, createCar, socOf, stepCar, wantedW } from "./car.ts";
export { shareAt } from "./curve.ts";
export { allModels, type CarModel, pickModel } from "./models.ts";
export { gbModels } from "./gb-models.ts";
