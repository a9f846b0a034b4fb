// Reads Prometheus's text format, and tells what two looks at it say of the time between them.

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([\w.]+)="((?:[^"\\]|\\.)*)"/g;

/** Parses an exposition into name → list of { labels, value }. */
export function parse(text) {
  const series = new Map();
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const match = LINE.exec(line);
    if (!match) continue;
    const labels = Object.fromEntries(Array.from((match[2] ?? "").matchAll(LABEL), ([, name, value]) => [name, value]));
    const value = match[3] === "+Inf" ? Infinity : Number(match[3]);
    if (!series.has(match[1])) series.set(match[1], []);
    series.get(match[1]).push({ labels, value });
  }
  return series;
}

/** The value of a series, those of all its labels added up. */
export function total(series, name) {
  const entries = series.get(name);
  return entries ? entries.reduce((sum, entry) => sum + entry.value, 0) : NaN;
}

/** The values of a series by one of its labels. */
export function byLabel(series, name, label) {
  const values = new Map();
  for (const entry of series.get(name) ?? []) {
    values.set(entry.labels[label], (values.get(entry.labels[label]) ?? 0) + entry.value);
  }
  return values;
}

/** By how much a counter grew. One that has just appeared began at 0. */
export function growth(before, after, name) {
  const grown = total(after, name) - (total(before, name) || 0);
  return grown >= 0 ? grown : NaN;
}

/** A quantile of what a histogram took between two looks, in its own unit; NaN if it took nothing. */
export function quantile(before, after, name, share) {
  const old = byLabel(before, name + "_bucket", "le");
  const buckets = Array.from(byLabel(after, name + "_bucket", "le"), ([le, count]) => ({
    most: le === "+Inf" ? Infinity : Number(le),
    count: count - (old.get(le) ?? 0),
  })).sort((one, other) => one.most - other.most);
  const all = buckets.at(-1)?.count ?? 0;
  if (!(all > 0)) return NaN;
  const rank = share * all;
  let least = 0;
  let below = 0;
  for (const { most, count } of buckets) {
    if (count >= rank) return most === Infinity ? least : least + ((most - least) * (rank - below)) / Math.max(1, count - below);
    least = most;
    below = count;
  }
  return least;
}
