-- The tables that the SQL of the documentation is about, before they know of deletion times.
CREATE TABLE users (
	id bigint PRIMARY KEY,
	email text NOT NULL,
	last_login timestamptz,
	legal_hold boolean NOT NULL DEFAULT false,
	deleted boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE TABLE documents (
	id bigint PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	title text NOT NULL
);
INSERT INTO users (id, email) VALUES (1, 'ada@example.org'), (2, 'jane@example.org');
INSERT INTO documents VALUES (10, 1, 'Notes');

-- Of Quartz's tables, what the documentation touches.
CREATE TABLE qrtz_job_details (job_name text, job_group text);
CREATE TABLE qrtz_triggers (trigger_name text, trigger_group text);
CREATE TABLE qrtz_simple_triggers (trigger_name text, trigger_group text);
CREATE TABLE qrtz_fired_triggers (trigger_name text, trigger_group text);

-- Made by the starter's own Flyway.
CREATE TABLE deletion_policy_schema_history (version text);
