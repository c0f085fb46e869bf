/** A rehearsal's report: it comes as a job's receipt, whose shape the API's description leaves open. */

export interface IConclusion {
  severity: 'error' | 'warning' | 'info';
  text: string;
}

export interface IFileChange {
  path: string;
  kind: 'created' | 'changed' | 'deleted';
  size_before_bytes: number | null;
  size_after_bytes: number | null;
  /** Whether it was the student's own work. */
  is_work: boolean;
}

export interface IScriptRun {
  /** 1 for the first start, 2 for the second. */
  run: number;
  script: string;
  exit_code: number | null;
  signal: number | null;
  is_timed_out: boolean;
  duration_s: number;
  stdout_bytes: number;
  stderr_bytes: number;
  stdout: string;
  stderr: string;
  stopped_because: string;
  left_processes: number;
  changes: readonly IFileChange[];
  dropped_changes: number;
  /** Files that the second run lengthened again. */
  grown: readonly string[];
  written_bytes: number;
}

export interface IRehearsalReport {
  isolation: string;
  isolation_note: string;
  has_network: boolean;
  student: string;
  runs: readonly IScriptRun[];
  conclusions: readonly IConclusion[];
}

/** Return the report, or null when what came is none. */
export function asReport(value: unknown): IRehearsalReport | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { runs, conclusions } = value as Record<string, unknown>;
  const isReport = Array.isArray(runs) && runs.every(isRun) && Array.isArray(conclusions);
  return isReport ? (value as IRehearsalReport) : null;
}

function isRun(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'changes' in value && 'exit_code' in value;
}

/** Return how many files a run left different in one way. */
export function countChanges(run: IScriptRun, kind: IFileChange['kind']): number {
  return run.changes.filter(change => change.kind === kind).length;
}

/** Return a size in the unit that fits: "512 B", "1.4 MB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
