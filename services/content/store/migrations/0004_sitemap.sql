-- What a sitemap needs of each article that is on the shelf.
ALTER TABLE article ADD COLUMN publish_time BIGINT NOT NULL DEFAULT 0;  -- microseconds since 1970 UTC
ALTER TABLE article ADD COLUMN original TEXT NOT NULL DEFAULT '';       -- the article that it translates, or itself
-- engine: sqlite
UPDATE article SET publish_time = COALESCE(CAST(strftime('%s', json_extract(listing, '$.publish_time')) AS BIGINT), 0) * 1000000,
                   original = COALESCE(json_extract(listing, '$.translation_of'), name);
-- engine: postgresql
UPDATE article SET publish_time = COALESCE(CAST(EXTRACT(EPOCH FROM CAST(CAST(listing AS JSON) ->> 'publish_time' AS TIMESTAMPTZ)) AS BIGINT), 0) * 1000000,
                   original = COALESCE(CAST(listing AS JSON) ->> 'translation_of', name);
-- engine: every
CREATE INDEX article_by_original ON article (original, language, name);
