// The catalogue of faults in English: what to tell the driver, and what to do next.
import type { FaultWords } from "./table.ts";

export const faultWordsEn: FaultWords = {
  "stop-remote": ["Stopped remotely", "Unplug and hang up the gun"],
  "stop-local": ["Stopped at the pile", "Unplug and hang up the gun"],
  "stop-vehicle": ["The car ended the charge", "Check its settings, then start again"],
  "target-reached": ["The battery has reached its target", "Unplug and hang up the gun"],
  "preset-reached": ["The target you set is reached", "Unplug and hang up the gun"],
  "balance-spent": ["The money set aside is used up", "Top up, then start again"],
  "deauthorized": [
    "Not authorised: the charge was stopped",
    "Start another way, or contact support",
  ],
  "unlocked": ["The gun was unlocked remotely", "Start again if you want to go on"],
  "bms-insulation": [
    "The car reports a fault, check the car: insulation of the car",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-inlet-hot": [
    "The car reports a fault, check the car: the car's inlet is too hot",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-part-hot": [
    "The car reports a fault, check the car: a part of the car is too hot",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-inlet": [
    "The car reports a fault, check the car: the car's inlet",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-battery-hot": [
    "The car reports a fault, check the car: the battery is too hot",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-relay": [
    "The car reports a fault, check the car: the car's high-voltage relay",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-pilot-voltage": [
    "The car reports a fault, check the car: the car's connection check",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-over-current": [
    "The car reports a fault, check the car: current seen by the car",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-voltage": [
    "The car reports a fault, check the car: voltage seen by the car",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-cell-voltage": [
    "The car reports a fault, check the car: voltage of a battery cell",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-battery-state": [
    "The car reports a fault, check the car: state of the battery",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-battery-reversed": [
    "The car reports a fault, check the car: polarity of the battery",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-not-ready": [
    "The car reports a fault, check the car: the car is not ready",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-silent": [
    "The car reports a fault, check the car: the car does not answer the pile",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-refuses": [
    "The car reports a fault, check the car: the car forbids charging",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-mismatch": [
    "The car reports a fault, check the car: the car's values do not fit the pile",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-no-current": [
    "The car reports a fault, check the car: the car takes no current",
    "See what the car shows; if it stays, ask its service",
  ],
  "bms-other": [
    "The car reports a fault, check the car: another fault of the car",
    "See what the car shows; if it stays, ask its service",
  ],
  "pile-internal": [
    "Pile out of order: control system",
    "Unplug and use another pile, or contact support",
  ],
  "pile-module": [
    "Pile out of order: power module",
    "Unplug and use another pile, or contact support",
  ],
  "pile-meter": ["Pile out of order: meter", "Unplug and use another pile, or contact support"],
  "pile-lock": [
    "Pile out of order: connector lock",
    "Unplug and use another pile, or contact support",
  ],
  "pile-switch": [
    "Pile out of order: contactor",
    "Unplug and use another pile, or contact support",
  ],
  "pile-breaker": ["Pile out of order: breaker", "Unplug and use another pile, or contact support"],
  "pile-gun": [
    "Pile out of order: charging gun",
    "Unplug and use another pile, or contact support",
  ],
  "pile-silent": [
    "Pile out of order: link to the car",
    "Unplug and use another pile, or contact support",
  ],
  "pile-output": ["Pile out of order: output", "Unplug and use another pile, or contact support"],
  "pile-power-short": ["The pile has too little power: slower", "Wait, or use another pile"],
  "pile-reader": ["The card reader does not work", "Start with your phone"],
  "pile-signal": ["The pile has a weak signal", "Charging goes on"],
  "pile-reset": ["The pile restarted: the charge ended", "Start again, or use another pile"],
  "power-loss": ["Power failed: the charge ended", "Try later, or use another station"],
  "pile-lost": [
    "The pile is out of reach: the bill is an estimate",
    "The true meter will correct it",
  ],
  "tamper": ["The pile was opened: out of service", "Use another pile"],
  "ground-lock": ["The ground lock is broken", "Call support to open it"],
  "gate": ["The gate is broken", "Call support to open it"],
  "over-current": [
    "Over-current: stopped for safety",
    "Unplug and use another pile, or contact support",
  ],
  "over-voltage": [
    "Voltage too high: stopped for safety",
    "Use another pile or station, or contact support",
  ],
  "under-voltage": [
    "Voltage too low: stopped for safety",
    "Use another pile or station, or contact support",
  ],
  "leakage": [
    "Leakage: stopped for safety",
    "Do not touch the pile; step back and contact support",
  ],
  "insulation": [
    "Insulation fault of the pile: stopped for safety",
    "Use another pile, or contact support",
  ],
  "over-temperature": [
    "The pile is too hot: stopped for safety",
    "Use another pile, or contact support",
  ],
  "gun-hot": ["The gun is too hot: stopped for safety", "Let it cool, unplug, use another pile"],
  "surge": ["Surge protection: stopped for safety", "Try later, or use another station"],
  "ac-protection": [
    "Supply protection: stopped for safety",
    "Use another pile or station, or contact support",
  ],
  "dc-protection": [
    "Output protection: stopped for safety",
    "Use another pile, or contact support",
  ],
  "emergency-stop": [
    "The emergency stop was pressed",
    "When it is safe use another pile, or contact support",
  ],
  "gun-pulled": [
    "The gun was pulled: the charge ended",
    "Billed by real energy; start again to go on",
  ],
  "gun-not-in": [
    "Check that the gun is pushed in and straight",
    "Push it in until it clicks, then start",
  ],
};
