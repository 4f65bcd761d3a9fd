-- Every revision that readers ever got; no row is ever changed or deleted.
CREATE TABLE article_revision (
  name TEXT NOT NULL,           -- articles/<id>
  revision BIGINT NOT NULL,     -- from 1
  etag TEXT NOT NULL,
  body TEXT NOT NULL,           -- protobuf JSON of the article
  create_time BIGINT NOT NULL,  -- microseconds since 1970 UTC
  PRIMARY KEY (name, revision)
);

-- What readers get now, with what lists need.
CREATE TABLE article (
  name TEXT PRIMARY KEY,
  revision BIGINT NOT NULL,
  etag TEXT NOT NULL,
  title TEXT NOT NULL,
  topic TEXT NOT NULL,
  listing TEXT NOT NULL,        -- protobuf JSON of the article without its text
  FOREIGN KEY (name, revision) REFERENCES article_revision (name, revision)
);
CREATE INDEX article_by_title ON article (title, name);

-- Which articles explain a triage cause.
CREATE TABLE article_cause (
  cause TEXT NOT NULL,
  name TEXT NOT NULL REFERENCES article (name),
  PRIMARY KEY (cause, name)
);
CREATE INDEX article_cause_by_name ON article_cause (name);
