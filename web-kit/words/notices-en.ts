// Words of notices and incidents in English: what is the case, and what to do next.
import { noticeWords } from "../../wire/notice.ts";
import type { CodeWords } from "./codes.ts";

export const noticeSayings: CodeWords["notice"] = {
  ...noticeWords("en"),
  "help.wanted": ["A driver asks for help", "Take the ticket on the help page"],
  "bay.patrol": ["Somebody has to look at a bay", "Take the task on the page of bays"],
  "reservation.slot-gone": [
    "The slot was gone, the deposit went back at once",
    "Nothing to do; look at the pile if it comes often",
  ],
  "notice.undelivered": ["A notice of an abnormal end reached nobody", "Call the driver"],
  "lock.broken": [
    "A ground lock or gate does not obey: its connector is closed",
    "Open it from the pile's page, or send somebody with the key",
  ],
  "lock.recovered": ["A ground lock or gate obeys again", "Its connector is open again"],
  "pile.link-lost": [
    "The pile lost its link",
    "Reconnecting; the pile goes on and sends what is missing",
  ],
  "pile.fault": [
    "The pile is faulted and not available",
    "Choose another pile, or contact support",
  ],
  "pile.electrical-fault": [
    "Electrical fault: the pile is out of service",
    "Inspect it on site; ops bring it back when it is safe",
  ],
  "pile.vehicle-fault": [
    "A fault of the vehicle, not held against the pile",
    "Nothing to repair; tell the driver if one car keeps doing it",
  ],
  "charge.plug-awaited": [
    "Check that the gun is pushed in and straight",
    "It goes on by itself within 60 seconds; no failure is counted",
  ],
  "charge.reading-gap": [
    "A charging pile sends no readings",
    "They are waited for; at the end the meter or the stated rule decides",
  ],
  "charge.restart-after-pull": [
    "The pile went on by itself after the gun was pulled: stopped",
    "Start again if you want to go on",
  ],
  "pile.charging-alone": [
    "The pile gives energy without an order",
    "A stop was sent; have it checked on site",
  ],
  "pile.stop-unproven": [
    "It is not proven that the pile stopped",
    "The stop is sent again; use the emergency stop on site",
  ],
  "pile.clock-wrong": [
    "The pile's clock is wrong",
    "Billed by the platform's time; set the pile's clock",
  ],
  "charge.late-start": [
    "The pile started too late and was stopped",
    "The driver does not pay for it",
  ],
  "charge.meter-implausible": [
    "The meter reading cannot be right",
    "The bill is held for review, nothing is taken",
  ],
  "charge.transaction-unknown": [
    "The pile reported an unknown charge",
    "Check the pile's timeline",
  ],
  "charge.report-missing": [
    "Reports of the pile are missing",
    "They are being fetched; the bill is corrected then",
  ],
  "charge.energy-unattributed": ["Energy belongs to no order", "Check the pile and its meter"],
  "audit.difference": ["The audit found a difference in the books", "Finance must look at it"],
};
