-- The rollout's database, for SQLite and PostgreSQL. Each %s stands for the type of a column that numbers rows.
CREATE TABLE IF NOT EXISTS rollout_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rollout_decision (number %s, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rollout_test (
  run BIGINT NOT NULL,
  gate TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (run, gate)
);
CREATE TABLE IF NOT EXISTS rollout_conversation (
  number %s,
  run BIGINT NOT NULL,
  key TEXT NOT NULL,
  entered INTEGER NOT NULL,
  json TEXT NOT NULL,
  UNIQUE (run, key)
);
CREATE INDEX IF NOT EXISTS rollout_conversation_open ON rollout_conversation (run, number) WHERE entered = 0;
CREATE TABLE IF NOT EXISTS rollout_verdict (
  number %s,
  run BIGINT NOT NULL,
  conversation TEXT NOT NULL,
  side TEXT NOT NULL,
  loss DOUBLE PRECISION NOT NULL,
  paired INTEGER NOT NULL,
  UNIQUE (run, conversation)
);
CREATE TABLE IF NOT EXISTS rollout_answer (
  id TEXT PRIMARY KEY,
  conversation TEXT NOT NULL,
  side TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS rollout_answer_at ON rollout_answer (at);
CREATE TABLE IF NOT EXISTS rollout_history (number %s, run BIGINT NOT NULL, at BIGINT NOT NULL, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS rollout_history_run ON rollout_history (run, number);
CREATE TABLE IF NOT EXISTS rollout_pair (
  number %s,
  run BIGINT NOT NULL,
  conversation TEXT NOT NULL,
  tenant TEXT NOT NULL,
  subject TEXT NOT NULL,
  at BIGINT NOT NULL,
  json TEXT NOT NULL,
  request TEXT,
  baseline TEXT,
  candidate TEXT
);
CREATE INDEX IF NOT EXISTS rollout_pair_subject ON rollout_pair (subject);
CREATE INDEX IF NOT EXISTS rollout_pair_tenant ON rollout_pair (tenant);
CREATE INDEX IF NOT EXISTS rollout_pair_run ON rollout_pair (run, at);
