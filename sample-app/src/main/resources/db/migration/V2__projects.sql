CREATE TABLE projects (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id bigint NOT NULL REFERENCES users ON DELETE RESTRICT,
  name text NOT NULL,
  legal_hold boolean NOT NULL DEFAULT false,
  deletion_time timestamptz,
  deleted_by text
);

CREATE TABLE tasks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES projects ON DELETE CASCADE,
  title text NOT NULL,
  deletion_time timestamptz,
  deleted_by text
);

CREATE TABLE attachments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
  file_name text NOT NULL,
  deletion_time timestamptz,
  deleted_by text
);

-- A delete and a purge look along these keys.
CREATE INDEX projects_owner_id ON projects (owner_id);
CREATE INDEX tasks_project_id ON tasks (project_id);
CREATE INDEX attachments_task_id ON attachments (task_id);

ALTER TABLE users ADD COLUMN deleted_by text;
ALTER TABLE documents ADD COLUMN deleted_by text;

-- What the operator's chart counts.
CREATE TABLE purge_log (
  purged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  table_name text NOT NULL,
  purged_rows bigint NOT NULL
);

CREATE INDEX purge_log_purged_at ON purge_log (purged_at);

INSERT INTO projects (owner_id, name)
SELECT users.id, project.name
FROM (VALUES
  (1, 'ines.carvalho@example.com', 'Harbour photo book'),
  (2, 'jonas.lindqvist@example.com', 'Workshop extension'),
  (3, 'amara.okafor@example.com', 'Estuary survey'),
  (4, 'mei.tanaka@example.com', 'Autumn launch'),
  (5, 'mei.tanaka@example.com', 'Hiring round'),
  (6, 'leila.haddad@example.com', 'Spring menu')
) AS project (place, email, name) JOIN users ON users.email = project.email
ORDER BY project.place;

INSERT INTO tasks (project_id, title)
SELECT projects.id, task.title
FROM (VALUES
  (1, 'Harbour photo book', 'Choose forty pictures'),
  (2, 'Harbour photo book', 'Write the captions'),
  (3, 'Harbour photo book', 'Ask three printers'),
  (4, 'Workshop extension', 'Measure the north wall'),
  (5, 'Workshop extension', 'Order the timber'),
  (6, 'Workshop extension', 'Building permit'),
  (7, 'Estuary survey', 'Plan the boat trips'),
  (8, 'Estuary survey', 'Calibrate the probes'),
  (9, 'Autumn launch', 'Record the demonstration'),
  (10, 'Autumn launch', 'Brief the press'),
  (11, 'Autumn launch', 'Price list'),
  (12, 'Hiring round', 'Write the advertisement'),
  (13, 'Hiring round', 'Invite candidates'),
  (14, 'Spring menu', 'Taste the asparagus'),
  (15, 'Spring menu', 'Print the cards')
) AS task (place, project, title) JOIN projects ON projects.name = task.project
ORDER BY task.place;

INSERT INTO attachments (task_id, file_name)
SELECT tasks.id, attachment.file_name
FROM (VALUES
  (1, 'Choose forty pictures', 'contact-sheet.pdf'),
  (2, 'Choose forty pictures', 'cover-draft.png'),
  (3, 'Ask three printers', 'offer-lisbon.pdf'),
  (4, 'Measure the north wall', 'sketch.png'),
  (5, 'Order the timber', 'offer-nordic-timber.pdf'),
  (6, 'Building permit', 'form-b12.pdf'),
  (7, 'Building permit', 'site-plan.pdf'),
  (8, 'Plan the boat trips', 'tide-table.csv'),
  (9, 'Calibrate the probes', 'probe-log.csv'),
  (10, 'Record the demonstration', 'script.txt'),
  (11, 'Brief the press', 'press-kit.zip'),
  (12, 'Price list', 'prices.xlsx'),
  (13, 'Write the advertisement', 'advertisement.docx'),
  (14, 'Taste the asparagus', 'tasting-notes.txt'),
  (15, 'Print the cards', 'menu-card.pdf')
) AS attachment (place, task, file_name) JOIN tasks ON tasks.title = attachment.task
ORDER BY attachment.place;
