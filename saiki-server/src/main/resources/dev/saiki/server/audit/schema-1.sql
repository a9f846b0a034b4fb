-- The first version of the schema, for SQLite and PostgreSQL. It is never changed: later versions get files of their own.
CREATE TABLE audit_record (
  id VARCHAR(64) PRIMARY KEY,
  request_id VARCHAR(128) NOT NULL,
  time_micros BIGINT NOT NULL,
  subject TEXT,
  path TEXT NOT NULL,
  model TEXT NOT NULL,
  model_version VARCHAR(64) NOT NULL,
  router_version VARCHAR(64) NOT NULL,
  max_tokens INTEGER,
  temperature DOUBLE PRECISION,
  top_k INTEGER,
  top_p DOUBLE PRECISION,
  min_p DOUBLE PRECISION,
  seed BIGINT,
  effort DOUBLE PRECISION,
  min_depth INTEGER,
  max_depth INTEGER,
  prompts INTEGER,
  choices INTEGER,
  stream INTEGER,
  prompt_tokens BIGINT,
  cached_tokens BIGINT,
  completion_tokens BIGINT,
  answers INTEGER,
  depth_histogram TEXT,
  depth_tokens BIGINT,
  depth_sum BIGINT,
  flops BIGINT,
  flops_saved BIGINT,
  queue_millis DOUBLE PRECISION,
  first_token_millis DOUBLE PRECISION,
  total_millis DOUBLE PRECISION NOT NULL,
  finish_reason TEXT,
  error TEXT,
  status INTEGER NOT NULL
);
CREATE INDEX audit_record_time ON audit_record (time_micros, id);
CREATE INDEX audit_record_subject ON audit_record (subject, time_micros, id);
CREATE TABLE audit_text (
  record_id VARCHAR(64) NOT NULL,
  answer_index INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  answer TEXT NOT NULL,
  depths TEXT NOT NULL,
  PRIMARY KEY (record_id, answer_index)
);
-- Records that arrive later, from a spool, are erased too. The subject is hashed, so that no name is kept.
CREATE TABLE audit_erasure (
  subject_hash VARCHAR(64) NOT NULL,
  until_micros BIGINT NOT NULL,
  kind VARCHAR(16) NOT NULL
);
