// Property tests draw from one seed, so that a run can be had again: FC_SEED=random (or a number)
// draws others, as long runs should.
import process from "node:process";
import fc from "fast-check";

const wanted = process.env["FC_SEED"] ?? "20261123";
if (wanted !== "random") fc.configureGlobal({ seed: Number(wanted) });
