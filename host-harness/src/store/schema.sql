-- The store of one tenant. Query the views at the end; the tables serve the host.
--
-- Times are whole seconds since 1970, lists are JSON, and enumerations are the contract's words.
-- A row of a stream is a narrow head and a wide body: what did not change is recognised by its head, and not written.
-- Heads lie in the order of their keys, which is the order of the export and keeps an asset's findings together.
--
-- Of every head:
--   hash     of all that the row says; 0 is never one
--   base     the hash before the sync that last wrote it; 0 when there was no row
--   version  how many syncs changed the row
--   sync     the last sync that sent what was not there already

CREATE TABLE store (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  source TEXT,              -- the connector that this store belongs to
  epoch INTEGER NOT NULL,   -- of the latest attempt; no other may write
  state TEXT,               -- what the last closed sync left
  fingerprint TEXT,         -- of the settings that the state was written under
  resolved INTEGER NOT NULL DEFAULT 0  -- the last finding, by id, whose references a close has looked at
) STRICT;
INSERT INTO store (one, epoch) VALUES (1, 0);

CREATE TABLE sync (
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  closed INTEGER,           -- absent while it is open; at most one is
  ended TEXT,               -- complete, in-part, or abandoned for a new one
  full INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  connector_version TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  position TEXT,
  dropped_beyond INTEGER NOT NULL DEFAULT 0,  -- dropped records that have no line, because there are too many; sent twice, they count twice
  summary TEXT,             -- what the connector counted
  changes TEXT              -- what closing it changed
) STRICT;

CREATE TABLE asset_head (
  key TEXT PRIMARY KEY,
  id INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  base INTEGER NOT NULL,
  version INTEGER NOT NULL,
  sync INTEGER NOT NULL,
  seen INTEGER NOT NULL DEFAULT 0,      -- the last sync whose listing named it
  archived INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_body (
  id INTEGER PRIMARY KEY,
  digest INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  ip_addresses TEXT NOT NULL,
  mac_addresses TEXT NOT NULL,
  fqdn TEXT,
  os TEXT,
  created INTEGER,
  last_seen INTEGER,
  state TEXT,
  open_ports TEXT NOT NULL,
  tags TEXT NOT NULL,
  properties TEXT NOT NULL,
  late TEXT                 -- what came of it beside the listing, while the listing has not brought it in this sync
) STRICT;

CREATE TABLE vulnerability_head (
  key TEXT PRIMARY KEY,
  id INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  base INTEGER NOT NULL,
  version INTEGER NOT NULL,
  sync INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vulnerability_body (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  score REAL,
  cvss_version TEXT,
  cvss_base REAL,
  cvss_vector TEXT,
  cves TEXT NOT NULL,
  fix_title TEXT,
  fix_references TEXT,      -- absent when there is no fix
  properties TEXT NOT NULL,
  description TEXT,
  fix_description TEXT
) STRICT;

CREATE TABLE finding_head (
  key TEXT PRIMARY KEY,     -- asset|vulnerability|port|protocol
  id INTEGER NOT NULL,
  hash INTEGER NOT NULL,    -- turned over while it is not reported
  base INTEGER NOT NULL,
  version INTEGER NOT NULL,
  sync INTEGER NOT NULL,
  reported INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE finding_body (
  id INTEGER PRIMARY KEY,
  asset_key TEXT NOT NULL,
  vulnerability_key TEXT NOT NULL,
  port INTEGER,
  protocol TEXT,
  status TEXT NOT NULL,
  score REAL,               -- its own; the view gives its vulnerability's where there is none
  first_seen INTEGER,
  last_seen INTEGER,
  packages TEXT NOT NULL,
  properties TEXT NOT NULL,
  evidence_status TEXT,     -- of the record that brought the evidence
  evidence_last_seen INTEGER,
  evidence TEXT
) STRICT;

-- Findings whose asset or vulnerability was not there at the last close.
CREATE TABLE unresolved (id INTEGER PRIMARY KEY) STRICT;

-- Of the open sync only: the rows that it has sent, a bit for each; that of a row is bit `id & 63` of word `id >> 6`.
CREATE TABLE asset_sent (word INTEGER PRIMARY KEY, bits INTEGER NOT NULL) STRICT;
CREATE TABLE vulnerability_sent (word INTEGER PRIMARY KEY, bits INTEGER NOT NULL) STRICT;
CREATE TABLE finding_sent (word INTEGER PRIMARY KEY, bits INTEGER NOT NULL) STRICT;

-- Of the open sync only: assets whose findings of one kind have all been sent.
CREATE TABLE complete_asset (
  prefix TEXT NOT NULL,     -- the asset's key as it stands in the keys of findings
  kind TEXT NOT NULL,
  PRIMARY KEY (prefix, kind)
) STRICT, WITHOUT ROWID;

-- Of the last closed and the open sync; at most 10,000 lines of a stage and 50,000 in all.
CREATE TABLE dropped (
  sync INTEGER NOT NULL,
  stage TEXT NOT NULL,
  key TEXT NOT NULL,
  reason TEXT NOT NULL,
  location TEXT NOT NULL,   -- empty when none was given
  PRIMARY KEY (sync, stage, key, reason, location)
) STRICT, WITHOUT ROWID;

-- Assets, with times that people can read.
CREATE VIEW assets AS
SELECT
  key, name, kind, archived, fqdn, os, state,
  strftime('%Y-%m-%dT%H:%M:%SZ', created, 'unixepoch') AS created,
  strftime('%Y-%m-%dT%H:%M:%SZ', last_seen, 'unixepoch') AS last_seen,
  ip_addresses, mac_addresses, open_ports, tags, properties, version
FROM asset_head JOIN asset_body USING (id);

-- Vulnerabilities and rules.
CREATE VIEW vulnerabilities AS
SELECT
  key, kind, title, score, cvss_version, cvss_base, cvss_vector, cves,
  fix_title, fix_description, fix_references, description, properties, version
FROM vulnerability_head JOIN vulnerability_body USING (id);

-- Findings with the name of their asset, the title of their vulnerability, and the score that counts.
CREATE VIEW findings AS
SELECT
  finding_head.key, f.asset_key, a.name AS asset, f.vulnerability_key, v.kind, v.title, f.status,
  coalesce(f.score, v.score) AS score, f.port, f.protocol,
  strftime('%Y-%m-%dT%H:%M:%SZ', f.first_seen, 'unixepoch') AS first_seen,
  strftime('%Y-%m-%dT%H:%M:%SZ', f.last_seen, 'unixepoch') AS last_seen,
  finding_head.reported, coalesce(asset_head.archived, 0) AS archived,
  f.evidence, f.packages, v.cves, v.fix_title, f.properties, finding_head.version
FROM finding_head
JOIN finding_body AS f USING (id)
LEFT JOIN asset_head ON asset_head.key = f.asset_key
LEFT JOIN asset_body AS a ON a.id = asset_head.id
LEFT JOIN vulnerability_head ON vulnerability_head.key = f.vulnerability_key
LEFT JOIN vulnerability_body AS v ON v.id = vulnerability_head.id;

-- What has to be done: findings that are there, are still reported, and stand on an asset that is not archived.
CREATE VIEW open_findings AS
SELECT * FROM findings WHERE status = 'vulnerable' AND reported AND NOT archived;

-- Syncs, the latest last.
CREATE VIEW syncs AS
SELECT
  id,
  strftime('%Y-%m-%dT%H:%M:%SZ', started, 'unixepoch') AS started,
  strftime('%Y-%m-%dT%H:%M:%SZ', closed, 'unixepoch') AS closed,
  coalesce(ended, 'open') AS ended, full, attempts, connector_version, dropped_beyond, summary, changes
FROM sync;
