// Runs the checks of one client: node run.mjs NAME. Prints what became of each as one line of JSON.
const LIMIT_MS = 60000;

const { default: client } = await import(`./clients/${process.argv[2]}.mjs`);
const outcomes = {};
for (const [feature, check] of Object.entries(client.features)) {
  if (typeof check === "string") {
    outcomes[feature] = { absent: check };
    continue;
  }
  if (check.fails) {
    outcomes[feature] = { fails: check.fails };
    continue;
  }
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([check(), late]);
    outcomes[feature] = { passed: true };
  } catch (error) {
    outcomes[feature] = { failed: String(error?.stack ?? error) };
  } finally {
    clearTimeout(timer);
  }
}
process.stdout.write(`\n${JSON.stringify({ packages: client.packages, outcomes })}\n`, () => process.exit(0));
