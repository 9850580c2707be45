// The wall: one row a pile, changes gathered for a quarter of a second, numbered per audience.
import type { WallRow } from "../../wire/http-ops.ts";
import type { WallUpdate } from "../../wire/live.ts";
import type { Clock } from "../ports.ts";
import type { Board, PileRow } from "../views/mod.ts";
import { inScope } from "./rooms.ts";
import type { Viewer } from "./ports.ts";

/** Those who see the same rows: one room, one scope. */
interface Audience<M> {
  tenant: string;
  room: string;
  stationId: string | null;
  sees(row: PileRow): boolean;
  seq: number;
  changed: Set<string>;
  members: Set<M>;
}

export class Wall<M> {
  #audiences = new Map<string, Audience<M>>();
  constructor(
    private readonly board: Board,
    private readonly clock: Clock,
    private readonly send: (member: M, update: WallUpdate) => void,
  ) {
    board.onPile((tenant, row) => {
      for (const audience of this.#audiences.values()) {
        if (audience.tenant === tenant && audience.sees(row)) audience.changed.add(row.view.id);
      }
    });
  }

  join(member: M, viewer: Viewer, room: string, stationId: string | null) {
    const audience = this.#audienceOf(viewer, room, stationId);
    // What is waiting is in the snapshot: the others get it first, with the number that it has here.
    this.#flush(audience);
    audience.members.add(member);
    const rows = this.board.piles(viewer.tenant).filter(audience.sees).map((row) => this.#row(row));
    return { v: audience.seq, snapshot: { rows } };
  }
  leave(member: M, room: string): void {
    for (const [key, audience] of this.#audiences) {
      if (audience.room !== room || !audience.members.delete(member)) continue;
      if (audience.members.size === 0) this.#audiences.delete(key);
    }
  }
  /** Called four times a second. */
  flush(): void {
    for (const audience of this.#audiences.values()) this.#flush(audience);
  }

  #audienceOf(viewer: Viewer, room: string, stationId: string | null): Audience<M> {
    const scope = viewer.kind === "ops" ? viewer.user.scope : null;
    const key = JSON.stringify([viewer.tenant, room, scope]);
    const known = this.#audiences.get(key);
    if (known) return known;
    const sees = ({ view }: PileRow) =>
      (stationId === null || view.stationId === stationId) && inScope(viewer, view.stationId);
    const made: Audience<M> = {
      tenant: viewer.tenant,
      room,
      stationId,
      sees,
      seq: 0,
      changed: new Set(),
      members: new Set(),
    };
    this.#audiences.set(key, made);
    return made;
  }
  #flush(audience: Audience<M>): void {
    const { changed, members, room, tenant } = audience;
    if (changed.size === 0) return;
    const rows = [...changed].flatMap((id) => this.board.pile(tenant, id) ?? []);
    const set = rows.filter(({ view }) => !view.takenDown).map((row) => this.#row(row));
    const gone = rows.filter(({ view }) => view.takenDown).map(({ view }) => view.id);
    changed.clear();
    audience.seq += 1;
    for (const member of members) {
      this.send(member, { room, seq: audience.seq, set, ...(gone.length > 0 ? { gone } : {}) });
    }
  }
  #row({ view, status, powerW, touchedAt }: PileRow): WallRow {
    return [view.id, status, powerW, Math.max(0, this.clock.now() - touchedAt)];
  }
}
