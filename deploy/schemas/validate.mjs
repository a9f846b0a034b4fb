// Validates the manifests of a file, as Helm renders them, against the schemas of kubernetes-models, and the Jobs of a
// TrainingRuntime, for which there is no schema. A schema finds missing fields and wrong types, but no unknown fields.
import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";

const packages = {
  "apps/v1": "kubernetes-models/apps/v1",
  "batch/v1": "kubernetes-models/batch/v1",
  "autoscaling/v2": "kubernetes-models/autoscaling/v2",
  "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
  "networking.k8s.io/v1": "kubernetes-models/networking.k8s.io/v1",
  "policy/v1": "kubernetes-models/policy/v1",
  v1: "kubernetes-models/v1",
};

function jobsOf(manifest) {
  const jobs = manifest.kind === "TrainingRuntime" ? manifest.spec.template.spec.replicatedJobs : [];
  return jobs.map(({ name, template }) => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...template.metadata, name: `${manifest.metadata.name}-${name}` },
    spec: template.spec,
  }));
}

const documents = loadAll(readFileSync(process.argv[2], "utf8")).filter((document) => document);
let wrong = 0;
for (const manifest of documents.flatMap((document) => [document, ...jobsOf(document)])) {
  const what = `${manifest.kind} ${manifest.metadata.name}`;
  if (!(manifest.apiVersion in packages)) {
    console.log(`${what}: no schema of ${manifest.apiVersion} is at hand`);
    continue;
  }
  try {
    const models = await import(packages[manifest.apiVersion]);
    new models[manifest.kind](manifest).validate();
    console.log(`${what}: valid`);
  } catch (problem) {
    wrong++;
    console.log(`${what}: ${problem.message}`);
  }
}
process.exit(wrong === 0 ? 0 : 1);
