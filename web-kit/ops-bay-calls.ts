// What the console asks about bays after the charge: warnings, release, fees, patrol tasks and photos.
import type * as z from "zod";
import type { List, Order } from "../wire/http.ts";
import type * as wire from "../wire/http-bays.ts";
import type { PatrolView } from "../wire/patrol.ts";
import type { PhotoFacts, photoShown } from "../wire/photo.ts";
import type { Api, Request } from "./api.ts";
import type { Tap } from "./taps.ts";

type Of<T extends z.ZodType> = z.infer<T>;
const id = encodeURIComponent;

export const opsBayCalls = (api: Api) => ({
  warnBay: (orderId: string, body: Of<typeof wire.bayWarningBody>, tap: Tap) =>
    api<Order>("POST", `/ops/orders/${id(orderId)}/bay-warning`, { tap, body }),
  releaseBay: (orderId: string, body: Of<typeof wire.bayReleaseBody>, tap: Tap) =>
    api<Order>("POST", `/ops/orders/${id(orderId)}/bay-release`, { tap, body }),
  decideOverstay: (orderId: string, body: Of<typeof wire.overstayDecisionBody>, tap: Tap) =>
    api<Order>("POST", `/ops/orders/${id(orderId)}/overstay-decision`, { tap, body }),
  startBar: (userId: string) =>
    api<Of<typeof wire.startBar>>("GET", `/ops/users/${id(userId)}/start-bar`),
  liftStartBar: (userId: string, body: Of<typeof wire.startBarBody>, tap: Tap) =>
    api<void>("POST", `/ops/users/${id(userId)}/start-bar-lift`, { tap, body }),
  patrols: (query: Request["query"]) => api<List<PatrolView>>("GET", "/ops/patrols", { query }),
  takePatrol: (patrolId: string, tap: Tap) =>
    api<void>("POST", `/ops/patrols/${id(patrolId)}/take`, { tap, body: {} }),
  finishPatrol: (patrolId: string, body: Of<typeof wire.patrolDoneBody>, tap: Tap) =>
    api<void>("POST", `/ops/patrols/${id(patrolId)}/done`, { tap, body }),
  upload: (data: string, tap: Tap) =>
    api<PhotoFacts>("POST", "/ops/uploads", { tap, body: { data } }),
  photo: (photoId: string) => api<Of<typeof photoShown>>("GET", `/ops/photos/${id(photoId)}`),
});
