// CPU and memory of a process and of the whole machine, as Linux counts them (/proc); null elsewhere.

const TICKS_PER_S = 100; // USER_HZ, the unit of /proc on every Linux of today

/** Seconds of CPU that a process has used. */
export function cpuSecondsOf(pid: number): number | null {
  const fields = statOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

function statOf(pid: number): string[] | null {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return text.slice(text.lastIndexOf(")") + 2).split(" "); // a name may hold spaces
  } catch {
    return null;
  }
}

/** Resident memory in bytes. */
export function memoryOf(pid: number): number | null {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) * 1_024;
  } catch {
    return null;
  }
}

function busySeconds(): number | null {
  try {
    const [line = ""] = Deno.readTextFileSync("/proc/stat").split("\n");
    const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = line.split(/\s+/).slice(1)
      .map(Number);
    return (user + nice + system + irq + soft) / TICKS_PER_S;
  } catch {
    return null;
  }
}

export interface Load {
  seconds: number;
  /** Cores used by each process that was named. */
  cores: Record<string, number>;
  /** Cores used by everything else: figures with much of it are disturbed. */
  others: number | null;
}

/** Watches processes from now on; call the result for what they used since. */
export function watchLoad(pids: Readonly<Record<string, number>>): () => Load {
  const own = { bench: Deno.pid, ...pids };
  const read = () => Object.entries(own).map(([name, pid]) => [name, cpuSecondsOf(pid)] as const);
  const before = new Map(read());
  const busyBefore = busySeconds();
  const begun = performance.now();
  return () => {
    const seconds = (performance.now() - begun) / 1_000;
    const cores: Record<string, number> = {};
    for (const [name, now] of read()) {
      const was = before.get(name);
      if (now !== null && typeof was === "number") cores[name] = (now - was) / seconds;
    }
    const busy = busySeconds();
    const named = Object.values(cores).reduce((sum, one) => sum + one, 0);
    const others = busy === null || busyBefore === null
      ? null
      : Math.max(0, (busy - busyBefore) / seconds - named);
    return { seconds, cores, others };
  };
}

export function loadInWords({ cores, others }: Load): string {
  const words = Object.entries(cores).map(([name, used]) => `${name} ${used.toFixed(2)}`);
  const rest = others === null ? "" : `; everything else on the machine ${others.toFixed(2)}`;
  return `CPU in cores: ${words.join(", ")}${rest}`;
}
