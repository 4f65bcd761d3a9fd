-- What readers can search: the words of each article that is on the shelf, stemmed, as domain/words.h makes them.
CREATE TABLE article_words (
  docid BIGINT PRIMARY KEY,     -- from the name; for the index
  name TEXT NOT NULL UNIQUE REFERENCES article (name),
  title_terms TEXT NOT NULL,
  summary_terms TEXT NOT NULL,
  body_terms TEXT NOT NULL,
  body TEXT NOT NULL            -- plain, to show where the words are
);

-- The words are stemmed and without accents already: the tokenizers only part them.
-- SQLite's index is kept up to date by the program: a trigger may not write to it where the schema isn't trusted.
-- engine: sqlite
CREATE VIRTUAL TABLE article_search USING fts5(
  title_terms, summary_terms, body_terms,
  content = 'article_words', content_rowid = 'docid', tokenize = 'unicode61'
);
-- engine: postgresql
CREATE FUNCTION article_vector(title TEXT, summary TEXT, body TEXT) RETURNS tsvector LANGUAGE SQL IMMUTABLE AS $$
  SELECT setweight(to_tsvector('pg_catalog.simple', title), 'A') ||
         setweight(to_tsvector('pg_catalog.simple', summary), 'B') ||
         setweight(to_tsvector('pg_catalog.simple', body), 'D')
$$;
CREATE INDEX article_search ON article_words USING gin (article_vector(title_terms, summary_terms, body_terms));
