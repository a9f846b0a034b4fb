// Reads Prometheus's text format.

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([\w.]+)="((?:[^"\\]|\\.)*)"/g;

/** Parses an exposition into name → list of { labels, value }, without series that have another value of a wanted label. */
export function parse(text, wanted = {}) {
  const series = new Map();
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const match = LINE.exec(line);
    if (!match) continue;
    const labels = Object.fromEntries(Array.from((match[2] ?? "").matchAll(LABEL), ([, name, value]) => [name, value]));
    if (Object.entries(wanted).some(([name, value]) => (labels[name] ?? value) !== value)) continue;
    const value = match[3] === "+Inf" ? Infinity : Number(match[3]);
    if (!series.has(match[1])) series.set(match[1], []);
    series.get(match[1]).push({ labels, value });
  }
  return series;
}

/** The sum of a series over all its labels. */
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
