// Every rule by the sentence that it keeps true.
import * as arrows from "./arrows.ts";
import * as language from "./language.ts";
import { permissiveLicences } from "./licences.ts";
import { packagesUsed } from "./packages.ts";
import * as pages from "./pages.ts";
import * as purity from "./purity.ts";
import * as size from "./size.ts";
import type { Rule } from "./tree.ts";
import { usedBySomebody } from "./used.ts";
import * as words from "./wire-words.ts";

export const RULES: Readonly<Record<string, Rule>> = {
  "no file is over 400 lines": size.fileLength,
  "the runtime is under 2,500 lines": size.runtimeLength,
  "no function is over 60 lines": size.functionLength,
  "no line hangs over the margin": size.lineWidth,
  "a source opens by saying what it decides": size.opensWithWords,
  "there is no `any`": language.noAny,
  "there is no bare Error": language.noBareError,
  "no test is switched off": language.noSwitchedOffTest,
  "actors and wire ask neither clock, chance, network nor environment": purity.pureDecisions,
  "the environment is read in its place alone": purity.environmentInItsPlace,
  "no arrow between folders is a forbidden one": arrows.forbiddenArrows,
  "foreign shapes stay with their gateway": arrows.foreignShapesAtTheGate,
  "rooms are entered by their door": arrows.throughTheDoor,
  "nothing comes from outside the tree": arrows.insideTheTree,
  "every file is used by somebody": usedBySomebody,
  "every package is used by somebody": packagesUsed,
  "every licence is permissive": permissiveLicences,
  "subjects are spelt in one place": words.subjectsInOnePlace,
  "every refusal has words": words.refusalsHaveWords,
  "every refusal is met by a test": words.refusalsAreTested,
  "every event has a sample": words.eventsHaveSamples,
  "links lead somewhere": pages.linksLeadSomewhere,
  "a row that is done has its drill": pages.doneRowsHaveDrills,
  "what is decided where is really there": pages.decidedWhereItSays,
};
