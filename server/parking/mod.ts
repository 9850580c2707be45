// The port to a parking system: it is told of the end of a charge, of grace and fee, and asked whether a
// bay is free. One adapter, over signed HTTP; another system is another adapter behind the same port.
import type { PortHandler } from "../runtime/mod.ts";
import { parkingCall } from "../../wire/parking.ts";
import { httpParking, type HttpParkingDeps } from "./http.ts";

export type { HttpParkingDeps } from "./http.ts";

/** The handler of the actors' calls; without a parking system there is nobody to be told. */
export function parkingPort(deps: HttpParkingDeps | null): PortHandler {
  const parking = deps && httpParking(deps);
  return async ({ body }) => {
    const call = parkingCall.safeParse(body);
    if (!call.success || !parking) {
      return { ok: false, refusal: { code: "parking.away", facts: {} } };
    }
    const said = call.data.op === "tell"
      ? await parking.tell(call.data.event)
      : await parking.ask(call.data);
    return said === null
      ? { ok: false, refusal: { code: "parking.away", facts: {} } }
      : { ok: true, body: said };
  };
}
