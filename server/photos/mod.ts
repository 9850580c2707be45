// Photos that drivers and ops send: checked, stripped of everything but the picture, kept.
export { type Flaw, type Picture, pictureOf } from "./strip.ts";
export { natsPhotos, type PhotoBounds, type Photos, type StoredPhoto } from "./store.ts";
