-- Articles in the editorial process; none is ever deleted.
CREATE TABLE article_draft (
  name TEXT PRIMARY KEY,        -- articles/<id>
  version BIGINT NOT NULL,      -- counts changes of this row
  state BIGINT NOT NULL,        -- ArticleState
  wake_time BIGINT NOT NULL,    -- when the service itself has something to do with it; microseconds since 1970 UTC
  body TEXT NOT NULL            -- protobuf JSON of the draft
);
CREATE INDEX article_draft_by_state ON article_draft (state, name);
CREATE INDEX article_draft_by_wake_time ON article_draft (wake_time);

-- What readers get already came from the folder. Its file, if it is still there, brings the rest; else it is due.
INSERT INTO article_draft (name, version, state, wake_time, body)
SELECT name, 1, 3, 0, '{"name":"' || name || '","state":"ARTICLE_STATE_PUBLISHED","shipped":true,"revision":"' ||
                      CAST(revision AS TEXT) || '"}'
FROM article;

-- Every text that was ever written; no row is ever changed or deleted.
CREATE TABLE article_text (
  name TEXT NOT NULL REFERENCES article_draft (name),
  etag TEXT NOT NULL,
  source TEXT NOT NULL,         -- Markdown with front matter
  create_time BIGINT NOT NULL,
  PRIMARY KEY (name, etag)
);

-- Every step of the process; no row is ever changed or deleted.
CREATE TABLE article_step (
  name TEXT NOT NULL REFERENCES article_draft (name),
  number BIGINT NOT NULL,       -- from 1
  body TEXT NOT NULL,           -- protobuf JSON of the step
  PRIMARY KEY (name, number)
);

-- What triage's rules and causes were when articles were last compared with them.
CREATE TABLE triage_link (
  name TEXT PRIMARY KEY,        -- rules/<id> or causes/<id>
  digest TEXT NOT NULL
);

-- Which published articles rest on them.
CREATE TABLE article_link (
  link TEXT NOT NULL,
  name TEXT NOT NULL REFERENCES article_draft (name),
  PRIMARY KEY (link, name)
);
CREATE INDEX article_link_by_name ON article_link (name);

-- BCP 47. Until now there was English only.
ALTER TABLE article ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
