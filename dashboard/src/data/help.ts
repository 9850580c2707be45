// Calls for help: how many are open, and the ring that says so until somebody looks.
import { shallowRef } from "vue";

/** Open tickets that nobody has taken yet. */
export const openTickets = shallowRef(0);
/** Rises with each ring: lists load anew. */
export const rung = shallowRef(0);

const TONES_HZ = [880, 660, 880, 660];
const TONE_S = 0.18;
const GAIN = 0.2;

/** Rings and says so to the lists; a browser that was never touched stays mute, the badge does not. */
export function ring(): void {
  rung.value++;
  if (typeof AudioContext === "undefined") return;
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.gain.value = GAIN;
  volume.connect(audio.destination);
  TONES_HZ.forEach((frequency, i) => {
    const tone = audio.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(audio.currentTime + i * TONE_S);
    tone.stop(audio.currentTime + (i + 1) * TONE_S);
  });
  setTimeout(() => void audio.close(), TONES_HZ.length * TONE_S * 1000 + 500);
}
