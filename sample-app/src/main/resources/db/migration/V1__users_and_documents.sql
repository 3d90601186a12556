CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  deletion_time timestamptz
);

-- Unique among live users only: a deleted one does not keep its address from somebody new.
CREATE UNIQUE INDEX users_live_email ON users (email) WHERE deletion_time IS NULL;

CREATE TABLE documents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id bigint NOT NULL REFERENCES users ON DELETE NO ACTION,
  title text NOT NULL,
  deletion_time timestamptz
);

-- A purge of users looks for documents that still refer to them.
CREATE INDEX documents_user_id ON documents (user_id);

INSERT INTO users (name, email) VALUES
  ('Ines Carvalho', 'ines.carvalho@example.com'),
  ('Jonas Lindqvist', 'jonas.lindqvist@example.com'),
  ('Amara Okafor', 'amara.okafor@example.com'),
  ('Tomasz Zieliński', 'tomasz.zielinski@example.com'),
  ('Mei Tanaka', 'mei.tanaka@example.com'),
  ('Daniel Novak', 'daniel.novak@example.com'),
  ('Leila Haddad', 'leila.haddad@example.com'),
  ('Sofia Marchetti', 'sofia.marchetti@example.com');

INSERT INTO documents (user_id, title)
SELECT users.id, document.title
FROM users JOIN (VALUES
  ('ines.carvalho@example.com', 'Rental agreement, Rua da Prata'),
  ('ines.carvalho@example.com', 'Tax return 2024'),
  ('ines.carvalho@example.com', 'Photography portfolio'),
  ('jonas.lindqvist@example.com', 'Board minutes, March'),
  ('jonas.lindqvist@example.com', 'Supplier contract, Nordic Timber'),
  ('jonas.lindqvist@example.com', 'Workshop floor plan'),
  ('amara.okafor@example.com', 'Thesis, final draft'),
  ('amara.okafor@example.com', 'Grant application, marine ecology'),
  ('amara.okafor@example.com', 'Field notes, Bonny estuary'),
  ('tomasz.zielinski@example.com', 'Curriculum vitae'),
  ('tomasz.zielinski@example.com', 'Cover letter, tram depot'),
  ('tomasz.zielinski@example.com', 'Electrician''s certificate'),
  ('mei.tanaka@example.com', 'Quarterly forecast'),
  ('mei.tanaka@example.com', 'Pitch deck, version 7'),
  ('mei.tanaka@example.com', 'Hiring plan'),
  ('daniel.novak@example.com', 'Insurance claim, bicycle'),
  ('daniel.novak@example.com', 'Half-marathon training plan'),
  ('daniel.novak@example.com', 'Invoice 2025-0117'),
  ('leila.haddad@example.com', 'Recipe collection'),
  ('leila.haddad@example.com', 'Menu for the spring season'),
  ('leila.haddad@example.com', 'Food safety audit'),
  ('sofia.marchetti@example.com', 'Translation, chapter 4'),
  ('sofia.marchetti@example.com', 'Publisher''s contract'),
  ('sofia.marchetti@example.com', 'Letter to the editor')
) AS document (email, title) ON document.email = users.email;
