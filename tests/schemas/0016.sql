BEGIN TRANSACTION;
CREATE TABLE accounts (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	name VARCHAR NOT NULL, 
	domain VARCHAR NOT NULL, 
	owner_id VARCHAR, 
	customer_type BOOLEAN NOT NULL, 
	customer_since DATE, 
	parent_id VARCHAR, 
	flagged BOOLEAN NOT NULL, 
	customer_flag BOOLEAN NOT NULL, 
	tier VARCHAR NOT NULL, 
	ours JSON NOT NULL, 
	created_at DATETIME, revenue FLOAT, type VARCHAR DEFAULT '' NOT NULL, person BOOLEAN DEFAULT 0 NOT NULL, outcomes JSON, days JSON, sponsor VARCHAR, country VARCHAR DEFAULT '' NOT NULL, native_id VARCHAR DEFAULT '' NOT NULL, contact_every_days INTEGER, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "accounts" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'name of Zoë O''Brien; 1','domain of Zoë O''Brien; 1',NULL,1,NULL,NULL,1,1,'tier of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}',NULL,NULL,'type of Zoë O''Brien; 1',1,NULL,NULL,NULL,'country of Zoë O''Brien; 1','native_id of Zoë O''Brien; 1',NULL);
INSERT INTO "accounts" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'name of Zoë O''Brien; 2','domain of Zoë O''Brien; 2','owner_id of Zoë O''Brien; 2',0,'2026-01-02','parent_id of Zoë O''Brien; 2',0,0,'tier of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}','2026-01-31 02:00:00.000000',0.25,'type of Zoë O''Brien; 2',0,'{"told":[2,"Zoë O''Brien"]}','{"told":[2,"Zoë O''Brien"]}','sponsor of Zoë O''Brien; 2','country of Zoë O''Brien; 2','native_id of Zoë O''Brien; 2',2);
INSERT INTO "accounts" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'name of Zoë O''Brien; 3','domain of Zoë O''Brien; 3','owner_id of Zoë O''Brien; 3',1,'2026-01-03','parent_id of Zoë O''Brien; 3',1,1,'tier of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}','2026-01-31 03:00:00.000000',0.375,'type of Zoë O''Brien; 3',1,'{"told":[3,"Zoë O''Brien"]}','{"told":[3,"Zoë O''Brien"]}','sponsor of Zoë O''Brien; 3','country of Zoë O''Brien; 3','native_id of Zoë O''Brien; 3',3);
CREATE TABLE activities (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	kind VARCHAR NOT NULL, 
	direction VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	on_day DATE, 
	ends_at DATETIME, 
	created_at DATETIME, uid VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "activities" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'kind of Zoë O''Brien; 1','direction of Zoë O''Brien; 1','outcome of Zoë O''Brien; 1','2026-01-31 01:00:00.000000',NULL,NULL,NULL,'uid of Zoë O''Brien; 1');
INSERT INTO "activities" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'kind of Zoë O''Brien; 2','direction of Zoë O''Brien; 2','outcome of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-02','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','uid of Zoë O''Brien; 2');
INSERT INTO "activities" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'kind of Zoë O''Brien; 3','direction of Zoë O''Brien; 3','outcome of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-03','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','uid of Zoë O''Brien; 3');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0016');
CREATE TABLE beats (
	beat VARCHAR NOT NULL, 
	connection VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	done_at DATETIME, 
	outcome VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (beat, connection)
);
INSERT INTO "beats" VALUES('beat of Zoë O''Brien; 1','connection of Zoë O''Brien; 1','2026-01-31 01:00:00.000000',NULL,'outcome of Zoë O''Brien; 1');
INSERT INTO "beats" VALUES('beat of Zoë O''Brien; 2','connection of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','outcome of Zoë O''Brien; 2');
INSERT INTO "beats" VALUES('beat of Zoë O''Brien; 3','connection of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','outcome of Zoë O''Brien; 3');
CREATE TABLE campaigns (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	name VARCHAR NOT NULL, 
	starts_on DATE, 
	aborted BOOLEAN NOT NULL, 
	created_at DATETIME, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "campaigns" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'name of Zoë O''Brien; 1',NULL,1,NULL);
INSERT INTO "campaigns" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'name of Zoë O''Brien; 2','2026-01-02',0,'2026-01-31 02:00:00.000000');
INSERT INTO "campaigns" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'name of Zoë O''Brien; 3','2026-01-03',1,'2026-01-31 03:00:00.000000');
CREATE TABLE contact_roles (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	contact_id VARCHAR NOT NULL, 
	roles VARCHAR NOT NULL, 
	created_at DATETIME, left_on DATE, left_why VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "contact_roles" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'contact_id of Zoë O''Brien; 1','roles of Zoë O''Brien; 1',NULL,NULL,'left_why of Zoë O''Brien; 1');
INSERT INTO "contact_roles" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'contact_id of Zoë O''Brien; 2','roles of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-02','left_why of Zoë O''Brien; 2');
INSERT INTO "contact_roles" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'contact_id of Zoë O''Brien; 3','roles of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-03','left_why of Zoë O''Brien; 3');
CREATE TABLE contacts (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	account_id VARCHAR, 
	name VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	seniority VARCHAR NOT NULL, 
	roles VARCHAR NOT NULL, 
	created_at DATETIME, left_on DATE, left_why VARCHAR DEFAULT '' NOT NULL, native_id VARCHAR DEFAULT '' NOT NULL, other_emails VARCHAR DEFAULT '' NOT NULL, opted_out BOOLEAN DEFAULT 0 NOT NULL, back_on DATE, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "contacts" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,NULL,'name of Zoë O''Brien; 1','email of Zoë O''Brien; 1','title of Zoë O''Brien; 1','seniority of Zoë O''Brien; 1','roles of Zoë O''Brien; 1',NULL,NULL,'left_why of Zoë O''Brien; 1','native_id of Zoë O''Brien; 1','other_emails of Zoë O''Brien; 1',1,NULL);
INSERT INTO "contacts" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'account_id of Zoë O''Brien; 2','name of Zoë O''Brien; 2','email of Zoë O''Brien; 2','title of Zoë O''Brien; 2','seniority of Zoë O''Brien; 2','roles of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-02','left_why of Zoë O''Brien; 2','native_id of Zoë O''Brien; 2','other_emails of Zoë O''Brien; 2',0,'2026-01-02');
INSERT INTO "contacts" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'account_id of Zoë O''Brien; 3','name of Zoë O''Brien; 3','email of Zoë O''Brien; 3','title of Zoë O''Brien; 3','seniority of Zoë O''Brien; 3','roles of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-03','left_why of Zoë O''Brien; 3','native_id of Zoë O''Brien; 3','other_emails of Zoë O''Brien; 3',1,'2026-01-03');
CREATE TABLE crm_tasks (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	"key" VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	account_id VARCHAR, 
	assignee_id VARCHAR, 
	subject VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	due_on DATE, 
	created_at DATETIME, 
	ended_at DATETIME, feedback VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "crm_tasks" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'key of Zoë O''Brien; 1','status of Zoë O''Brien; 1',NULL,NULL,'subject of Zoë O''Brien; 1','body of Zoë O''Brien; 1',NULL,NULL,NULL,'feedback of Zoë O''Brien; 1');
INSERT INTO "crm_tasks" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'key of Zoë O''Brien; 2','status of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2','assignee_id of Zoë O''Brien; 2','subject of Zoë O''Brien; 2','body of Zoë O''Brien; 2','2026-01-02','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','feedback of Zoë O''Brien; 2');
INSERT INTO "crm_tasks" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'key of Zoë O''Brien; 3','status of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3','assignee_id of Zoë O''Brien; 3','subject of Zoë O''Brien; 3','body of Zoë O''Brien; 3','2026-01-03','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','feedback of Zoë O''Brien; 3');
CREATE TABLE cursors (
	connection VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	cursor JSON NOT NULL, 
	cycle BIGINT NOT NULL, 
	complete_in BIGINT, 
	complete_at DATETIME, 
	set_aside JSON NOT NULL, 
	PRIMARY KEY (connection, stream)
);
INSERT INTO "cursors" VALUES('connection of Zoë O''Brien; 1','stream of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}',1,NULL,NULL,'{"told":[1,"Zoë O''Brien"]}');
INSERT INTO "cursors" VALUES('connection of Zoë O''Brien; 2','stream of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}',2,2,'2026-01-31 02:00:00.000000','{"told":[2,"Zoë O''Brien"]}');
INSERT INTO "cursors" VALUES('connection of Zoë O''Brien; 3','stream of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}',3,3,'2026-01-31 03:00:00.000000','{"told":[3,"Zoë O''Brien"]}');
CREATE TABLE cycles (
	id INTEGER NOT NULL, 
	connection VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	error VARCHAR NOT NULL, 
	told JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "cycles" VALUES(1,'connection of Zoë O''Brien; 1','2026-01-31 01:00:00.000000',NULL,'error of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}');
INSERT INTO "cycles" VALUES(2,'connection of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','error of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}');
INSERT INTO "cycles" VALUES(3,'connection of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','error of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}');
CREATE TABLE deals (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	account_id VARCHAR, 
	name VARCHAR NOT NULL, 
	amount FLOAT, 
	currency VARCHAR NOT NULL, 
	closed_on DATE, 
	won BOOLEAN NOT NULL, 
	created_at DATETIME, native_id VARCHAR DEFAULT '' NOT NULL, competitor VARCHAR, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "deals" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,NULL,'name of Zoë O''Brien; 1',NULL,'currency of Zoë O''Brien; 1',NULL,1,NULL,'native_id of Zoë O''Brien; 1',NULL);
INSERT INTO "deals" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'account_id of Zoë O''Brien; 2','name of Zoë O''Brien; 2',0.25,'currency of Zoë O''Brien; 2','2026-01-02',0,'2026-01-31 02:00:00.000000','native_id of Zoë O''Brien; 2','competitor of Zoë O''Brien; 2');
INSERT INTO "deals" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'account_id of Zoë O''Brien; 3','name of Zoë O''Brien; 3',0.375,'currency of Zoë O''Brien; 3','2026-01-03',1,'2026-01-31 03:00:00.000000','native_id of Zoë O''Brien; 3','competitor of Zoë O''Brien; 3');
CREATE TABLE evaluated (
	connection VARCHAR NOT NULL, 
	cutoff DATETIME NOT NULL, 
	PRIMARY KEY (connection)
);
INSERT INTO "evaluated" VALUES('connection of Zoë O''Brien; 1','2026-01-31 01:00:00.000000');
INSERT INTO "evaluated" VALUES('connection of Zoë O''Brien; 2','2026-01-31 02:00:00.000000');
INSERT INTO "evaluated" VALUES('connection of Zoë O''Brien; 3','2026-01-31 03:00:00.000000');
CREATE TABLE evaluations (
	connection VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	basis BLOB NOT NULL, 
	standing BLOB NOT NULL, 
	fields JSON NOT NULL, 
	PRIMARY KEY (connection, account_id)
);
INSERT INTO "evaluations" VALUES('connection of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1',X'0001FF',X'0001FF','{"told":[1,"Zoë O''Brien"]}');
INSERT INTO "evaluations" VALUES('connection of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2',X'0002FF',X'0002FF','{"told":[2,"Zoë O''Brien"]}');
INSERT INTO "evaluations" VALUES('connection of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3',X'0003FF',X'0003FF','{"told":[3,"Zoë O''Brien"]}');
CREATE TABLE finding_spans (
	id INTEGER NOT NULL, 
	connection VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	raised_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	ended_as VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "finding_spans" VALUES(1,'connection of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1','rule of Zoë O''Brien; 1','severity of Zoë O''Brien; 1','2026-01-31 01:00:00.000000','2026-01-31 01:00:00.000000','ended_as of Zoë O''Brien; 1');
INSERT INTO "finding_spans" VALUES(2,'connection of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2','rule of Zoë O''Brien; 2','severity of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','ended_as of Zoë O''Brien; 2');
INSERT INTO "finding_spans" VALUES(3,'connection of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3','rule of Zoë O''Brien; 3','severity of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','ended_as of Zoë O''Brien; 3');
CREATE TABLE findings (
	connection VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	open BOOLEAN NOT NULL, 
	severity VARCHAR NOT NULL, 
	text JSON NOT NULL, 
	raised_at DATETIME NOT NULL, 
	not_raised_since DATETIME, 
	unknown_since DATETIME, 
	ended_why VARCHAR NOT NULL, 
	quiet_until DATE, 
	quiet_why VARCHAR NOT NULL, 
	quiet_severity VARCHAR NOT NULL, 
	PRIMARY KEY (connection, account_id, rule)
);
INSERT INTO "findings" VALUES('connection of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1','rule of Zoë O''Brien; 1',1,'severity of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}','2026-01-31 01:00:00.000000',NULL,NULL,'ended_why of Zoë O''Brien; 1',NULL,'quiet_why of Zoë O''Brien; 1','quiet_severity of Zoë O''Brien; 1');
INSERT INTO "findings" VALUES('connection of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2','rule of Zoë O''Brien; 2',0,'severity of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','ended_why of Zoë O''Brien; 2','2026-01-02','quiet_why of Zoë O''Brien; 2','quiet_severity of Zoë O''Brien; 2');
INSERT INTO "findings" VALUES('connection of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3','rule of Zoë O''Brien; 3',1,'severity of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','ended_why of Zoë O''Brien; 3','2026-01-03','quiet_why of Zoë O''Brien; 3','quiet_severity of Zoë O''Brien; 3');
CREATE TABLE forgotten (
	connection VARCHAR NOT NULL, 
	digest BLOB NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (connection, digest)
);
INSERT INTO "forgotten" VALUES('connection of Zoë O''Brien; 1',X'0001FF','2026-01-31 01:00:00.000000');
INSERT INTO "forgotten" VALUES('connection of Zoë O''Brien; 2',X'0002FF','2026-01-31 02:00:00.000000');
INSERT INTO "forgotten" VALUES('connection of Zoë O''Brien; 3',X'0003FF','2026-01-31 03:00:00.000000');
CREATE TABLE held_back (
	id INTEGER NOT NULL, 
	connection VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	account_name VARCHAR NOT NULL, 
	rules JSON NOT NULL, 
	assignee_id VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	queue_length INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "held_back" VALUES(1,'connection of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1','account_name of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}','assignee_id of Zoë O''Brien; 1','reason of Zoë O''Brien; 1',1,1);
INSERT INTO "held_back" VALUES(2,'connection of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2','account_name of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}','assignee_id of Zoë O''Brien; 2','reason of Zoë O''Brien; 2',2,2);
INSERT INTO "held_back" VALUES(3,'connection of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3','account_name of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}','assignee_id of Zoë O''Brien; 3','reason of Zoë O''Brien; 3',3,3);
CREATE TABLE holidays (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	name VARCHAR NOT NULL, 
	on_day DATE, 
	yearly BOOLEAN NOT NULL, 
	from_day DATE, 
	to_day DATE, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "holidays" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'name of Zoë O''Brien; 1',NULL,1,NULL,NULL);
INSERT INTO "holidays" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'name of Zoë O''Brien; 2','2026-01-02',0,'2026-01-02','2026-01-02');
INSERT INTO "holidays" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'name of Zoë O''Brien; 3','2026-01-03',1,'2026-01-03','2026-01-03');
CREATE TABLE last_logged (
	connection VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	at DATETIME, 
	stale BOOLEAN NOT NULL, 
	PRIMARY KEY (connection, kind, target)
);
INSERT INTO "last_logged" VALUES('connection of Zoë O''Brien; 1','kind of Zoë O''Brien; 1','target of Zoë O''Brien; 1',NULL,1);
INSERT INTO "last_logged" VALUES('connection of Zoë O''Brien; 2','kind of Zoë O''Brien; 2','target of Zoë O''Brien; 2','2026-01-31 02:00:00.000000',0);
INSERT INTO "last_logged" VALUES('connection of Zoë O''Brien; 3','kind of Zoë O''Brien; 3','target of Zoë O''Brien; 3','2026-01-31 03:00:00.000000',1);
CREATE TABLE leases (
	beat VARCHAR NOT NULL, 
	connection VARCHAR NOT NULL, 
	slots VARCHAR NOT NULL, 
	due_at DATETIME, 
	queued_at DATETIME, 
	epoch INTEGER DEFAULT '0' NOT NULL, 
	holder VARCHAR DEFAULT '' NOT NULL, 
	held_until DATETIME, 
	PRIMARY KEY (beat, connection)
);
INSERT INTO "leases" VALUES('beat of Zoë O''Brien; 1','connection of Zoë O''Brien; 1','slots of Zoë O''Brien; 1',NULL,NULL,1,'holder of Zoë O''Brien; 1',NULL);
INSERT INTO "leases" VALUES('beat of Zoë O''Brien; 2','connection of Zoë O''Brien; 2','slots of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000',2,'holder of Zoë O''Brien; 2','2026-01-31 02:00:00.000000');
INSERT INTO "leases" VALUES('beat of Zoë O''Brien; 3','connection of Zoë O''Brien; 3','slots of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000',3,'holder of Zoë O''Brien; 3','2026-01-31 03:00:00.000000');
CREATE TABLE links (
	connection VARCHAR NOT NULL, 
	activity_id VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	PRIMARY KEY (connection, activity_id, source, side, kind, target)
);
INSERT INTO "links" VALUES('connection of Zoë O''Brien; 1','activity_id of Zoë O''Brien; 1','source of Zoë O''Brien; 1','side of Zoë O''Brien; 1','kind of Zoë O''Brien; 1','target of Zoë O''Brien; 1');
INSERT INTO "links" VALUES('connection of Zoë O''Brien; 2','activity_id of Zoë O''Brien; 2','source of Zoë O''Brien; 2','side of Zoë O''Brien; 2','kind of Zoë O''Brien; 2','target of Zoë O''Brien; 2');
INSERT INTO "links" VALUES('connection of Zoë O''Brien; 3','activity_id of Zoë O''Brien; 3','source of Zoë O''Brien; 3','side of Zoë O''Brien; 3','kind of Zoë O''Brien; 3','target of Zoë O''Brien; 3');
CREATE TABLE mailings (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	contact_id VARCHAR NOT NULL, 
	campaign_id VARCHAR, 
	name VARCHAR NOT NULL, 
	got_at DATETIME, 
	answered_on DATE, 
	created_at DATETIME, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "mailings" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'contact_id of Zoë O''Brien; 1',NULL,'name of Zoë O''Brien; 1',NULL,NULL,NULL);
INSERT INTO "mailings" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'contact_id of Zoë O''Brien; 2','campaign_id of Zoë O''Brien; 2','name of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-02','2026-01-31 02:00:00.000000');
INSERT INTO "mailings" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'contact_id of Zoë O''Brien; 3','campaign_id of Zoë O''Brien; 3','name of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-03','2026-01-31 03:00:00.000000');
CREATE TABLE match_keys (
	kind VARCHAR NOT NULL, 
	level SMALLINT NOT NULL, 
	value VARCHAR NOT NULL, 
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	PRIMARY KEY (kind, level, value, connection, id)
)
 WITHOUT ROWID

;
INSERT INTO "match_keys" VALUES('kind of Zoë O''Brien; 1',1,'value of Zoë O''Brien; 1','connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1');
INSERT INTO "match_keys" VALUES('kind of Zoë O''Brien; 2',2,'value of Zoë O''Brien; 2','connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2');
INSERT INTO "match_keys" VALUES('kind of Zoë O''Brien; 3',3,'value of Zoë O''Brien; 3','connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3');
CREATE TABLE match_questions (
	connection VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	question VARCHAR NOT NULL, 
	asks VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	PRIMARY KEY (connection, kind, id, question)
);
INSERT INTO "match_questions" VALUES('connection of Zoë O''Brien; 1','kind of Zoë O''Brien; 1','id of Zoë O''Brien; 1','question of Zoë O''Brien; 1','asks of Zoë O''Brien; 1','why of Zoë O''Brien; 1');
INSERT INTO "match_questions" VALUES('connection of Zoë O''Brien; 2','kind of Zoë O''Brien; 2','id of Zoë O''Brien; 2','question of Zoë O''Brien; 2','asks of Zoë O''Brien; 2','why of Zoë O''Brien; 2');
INSERT INTO "match_questions" VALUES('connection of Zoë O''Brien; 3','kind of Zoë O''Brien; 3','id of Zoë O''Brien; 3','question of Zoë O''Brien; 3','asks of Zoë O''Brien; 3','why of Zoë O''Brien; 3');
CREATE TABLE matched (
	connection VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	digest BLOB NOT NULL, 
	cycle BIGINT NOT NULL, 
	news BIGINT NOT NULL, 
	PRIMARY KEY (connection)
);
INSERT INTO "matched" VALUES('connection of Zoë O''Brien; 1','name of Zoë O''Brien; 1',X'0001FF',1,1);
INSERT INTO "matched" VALUES('connection of Zoë O''Brien; 2','name of Zoë O''Brien; 2',X'0002FF',2,2);
INSERT INTO "matched" VALUES('connection of Zoë O''Brien; 3','name of Zoë O''Brien; 3',X'0003FF',3,3);
CREATE TABLE matches (
	connection VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	party VARCHAR NOT NULL, 
	home BOOLEAN NOT NULL, 
	why JSON NOT NULL, 
	news BIGINT NOT NULL, 
	PRIMARY KEY (connection, kind, id)
);
INSERT INTO "matches" VALUES('connection of Zoë O''Brien; 1','kind of Zoë O''Brien; 1','id of Zoë O''Brien; 1','party of Zoë O''Brien; 1',1,'{"told":[1,"Zoë O''Brien"]}',1);
INSERT INTO "matches" VALUES('connection of Zoë O''Brien; 2','kind of Zoë O''Brien; 2','id of Zoë O''Brien; 2','party of Zoë O''Brien; 2',0,'{"told":[2,"Zoë O''Brien"]}',2);
INSERT INTO "matches" VALUES('connection of Zoë O''Brien; 3','kind of Zoë O''Brien; 3','id of Zoë O''Brien; 3','party of Zoë O''Brien; 3',1,'{"told":[3,"Zoë O''Brien"]}',3);
CREATE TABLE notices (
	"key" VARCHAR NOT NULL, 
	given_at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "notices" VALUES('key of Zoë O''Brien; 1','2026-01-31 01:00:00.000000');
INSERT INTO "notices" VALUES('key of Zoë O''Brien; 2','2026-01-31 02:00:00.000000');
INSERT INTO "notices" VALUES('key of Zoë O''Brien; 3','2026-01-31 03:00:00.000000');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	connection VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	cycle BIGINT NOT NULL, 
	op VARCHAR NOT NULL, 
	change JSON NOT NULL, 
	state VARCHAR NOT NULL, 
	message TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	settled_at DATETIME, "before" JSON, 
	PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES(1,'connection of Zoë O''Brien; 1','subject of Zoë O''Brien; 1',1,'op of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}','state of Zoë O''Brien; 1','message of Zoë O''Brien; 1','2026-01-31 01:00:00.000000',NULL,NULL);
INSERT INTO "outbox" VALUES(2,'connection of Zoë O''Brien; 2','subject of Zoë O''Brien; 2',2,'op of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}','state of Zoë O''Brien; 2','message of Zoë O''Brien; 2','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','{"told":[2,"Zoë O''Brien"]}');
INSERT INTO "outbox" VALUES(3,'connection of Zoë O''Brien; 3','subject of Zoë O''Brien; 3',3,'op of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}','state of Zoë O''Brien; 3','message of Zoë O''Brien; 3','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','{"told":[3,"Zoë O''Brien"]}');
CREATE TABLE snapshots (
	connection VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	day DATE NOT NULL, 
	owner_id VARCHAR, 
	coverage VARCHAR, 
	top_share FLOAT, 
	last_exec_exchange DATE, 
	risk INTEGER, 
	PRIMARY KEY (connection, account_id, day)
);
INSERT INTO "snapshots" VALUES('connection of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1','2026-01-01',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "snapshots" VALUES('connection of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2','2026-01-02','owner_id of Zoë O''Brien; 2','coverage of Zoë O''Brien; 2',0.25,'2026-01-02',2);
INSERT INTO "snapshots" VALUES('connection of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3','2026-01-03','owner_id of Zoë O''Brien; 3','coverage of Zoë O''Brien; 3',0.375,'2026-01-03',3);
CREATE TABLE store_keys (
	name VARCHAR NOT NULL, 
	value BLOB NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "store_keys" VALUES('name of Zoë O''Brien; 1',X'0001FF');
INSERT INTO "store_keys" VALUES('name of Zoë O''Brien; 2',X'0002FF');
INSERT INTO "store_keys" VALUES('name of Zoë O''Brien; 3',X'0003FF');
CREATE TABLE tasks (
	connection VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	route VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	crm_id VARCHAR NOT NULL, 
	assignee_id VARCHAR NOT NULL, 
	rules JSON NOT NULL, 
	written JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	ended_how VARCHAR NOT NULL, 
	adopted_on DATE, 
	PRIMARY KEY (connection, "key")
);
INSERT INTO "tasks" VALUES('connection of Zoë O''Brien; 1','key of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1','route of Zoë O''Brien; 1','state of Zoë O''Brien; 1','crm_id of Zoë O''Brien; 1','assignee_id of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}','{"told":[1,"Zoë O''Brien"]}','2026-01-31 01:00:00.000000',NULL,'ended_how of Zoë O''Brien; 1',NULL);
INSERT INTO "tasks" VALUES('connection of Zoë O''Brien; 2','key of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2','route of Zoë O''Brien; 2','state of Zoë O''Brien; 2','crm_id of Zoë O''Brien; 2','assignee_id of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}','{"told":[2,"Zoë O''Brien"]}','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','ended_how of Zoë O''Brien; 2','2026-01-02');
INSERT INTO "tasks" VALUES('connection of Zoë O''Brien; 3','key of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3','route of Zoë O''Brien; 3','state of Zoë O''Brien; 3','crm_id of Zoë O''Brien; 3','assignee_id of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}','{"told":[3,"Zoë O''Brien"]}','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','ended_how of Zoë O''Brien; 3','2026-01-03');
CREATE TABLE team (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	account_id VARCHAR, 
	deal_id VARCHAR, 
	user_id VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	created_at DATETIME, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "team" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,NULL,NULL,'user_id of Zoë O''Brien; 1','role of Zoë O''Brien; 1',NULL);
INSERT INTO "team" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'account_id of Zoë O''Brien; 2','deal_id of Zoë O''Brien; 2','user_id of Zoë O''Brien; 2','role of Zoë O''Brien; 2','2026-01-31 02:00:00.000000');
INSERT INTO "team" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'account_id of Zoë O''Brien; 3','deal_id of Zoë O''Brien; 3','user_id of Zoë O''Brien; 3','role of Zoë O''Brien; 3','2026-01-31 03:00:00.000000');
CREATE TABLE tickets (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	account_id VARCHAR, 
	contact_id VARCHAR, 
	priority VARCHAR NOT NULL, 
	escalated BOOLEAN NOT NULL, 
	closed_at DATETIME, 
	reopened_at DATETIME, 
	changed_at DATETIME, 
	created_at DATETIME, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "tickets" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,NULL,NULL,'priority of Zoë O''Brien; 1',1,NULL,NULL,NULL,NULL);
INSERT INTO "tickets" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'account_id of Zoë O''Brien; 2','contact_id of Zoë O''Brien; 2','priority of Zoë O''Brien; 2',0,'2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000','2026-01-31 02:00:00.000000');
INSERT INTO "tickets" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'account_id of Zoë O''Brien; 3','contact_id of Zoë O''Brien; 3','priority of Zoë O''Brien; 3',1,'2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000','2026-01-31 03:00:00.000000');
CREATE TABLE touch_packs (
	connection VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	packed BLOB NOT NULL, 
	deals JSON NOT NULL, 
	PRIMARY KEY (connection, account_id)
);
INSERT INTO "touch_packs" VALUES('connection of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1',X'0001FF','{"told":[1,"Zoë O''Brien"]}');
INSERT INTO "touch_packs" VALUES('connection of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2',X'0002FF','{"told":[2,"Zoë O''Brien"]}');
INSERT INTO "touch_packs" VALUES('connection of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3',X'0003FF','{"told":[3,"Zoë O''Brien"]}');
CREATE TABLE users (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	changed_in BIGINT NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	active BOOLEAN NOT NULL, 
	manager_id VARCHAR, department VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "users" VALUES('connection of Zoë O''Brien; 1','id of Zoë O''Brien; 1',X'0001FF',1,1,'name of Zoë O''Brien; 1','email of Zoë O''Brien; 1','title of Zoë O''Brien; 1',1,NULL,'department of Zoë O''Brien; 1');
INSERT INTO "users" VALUES('connection of Zoë O''Brien; 2','id of Zoë O''Brien; 2',X'0002FF',2,0,'name of Zoë O''Brien; 2','email of Zoë O''Brien; 2','title of Zoë O''Brien; 2',0,'manager_id of Zoë O''Brien; 2','department of Zoë O''Brien; 2');
INSERT INTO "users" VALUES('connection of Zoë O''Brien; 3','id of Zoë O''Brien; 3',X'0003FF',3,1,'name of Zoë O''Brien; 3','email of Zoë O''Brien; 3','title of Zoë O''Brien; 3',1,'manager_id of Zoë O''Brien; 3','department of Zoë O''Brien; 3');
CREATE TABLE verdicts (
	connection VARCHAR NOT NULL, 
	account_id VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	verdict VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	message VARCHAR NOT NULL, 
	numbers JSON NOT NULL, 
	judged_at DATETIME NOT NULL, 
	PRIMARY KEY (connection, account_id, rule)
);
INSERT INTO "verdicts" VALUES('connection of Zoë O''Brien; 1','account_id of Zoë O''Brien; 1','rule of Zoë O''Brien; 1','verdict of Zoë O''Brien; 1','severity of Zoë O''Brien; 1','reason of Zoë O''Brien; 1','message of Zoë O''Brien; 1','{"told":[1,"Zoë O''Brien"]}','2026-01-31 01:00:00.000000');
INSERT INTO "verdicts" VALUES('connection of Zoë O''Brien; 2','account_id of Zoë O''Brien; 2','rule of Zoë O''Brien; 2','verdict of Zoë O''Brien; 2','severity of Zoë O''Brien; 2','reason of Zoë O''Brien; 2','message of Zoë O''Brien; 2','{"told":[2,"Zoë O''Brien"]}','2026-01-31 02:00:00.000000');
INSERT INTO "verdicts" VALUES('connection of Zoë O''Brien; 3','account_id of Zoë O''Brien; 3','rule of Zoë O''Brien; 3','verdict of Zoë O''Brien; 3','severity of Zoë O''Brien; 3','reason of Zoë O''Brien; 3','message of Zoë O''Brien; 3','{"told":[3,"Zoë O''Brien"]}','2026-01-31 03:00:00.000000');
CREATE INDEX activities_by_time ON activities (connection, kind, at);
CREATE INDEX contact_roles_by_contact ON contact_roles (connection, contact_id);
CREATE INDEX contacts_by_account ON contacts (connection, account_id);
CREATE INDEX contacts_by_email ON contacts (connection, email);
CREATE INDEX crm_tasks_by_key ON crm_tasks (connection, "key");
CREATE INDEX ix_cycles_connection ON cycles (connection);
CREATE INDEX deals_by_account ON deals (connection, account_id);
CREATE INDEX links_by_target ON links (connection, kind, target);
CREATE UNIQUE INDEX outbox_one_pending ON outbox (connection, subject) WHERE state IN ('pending', 'sending', 'unknown');
CREATE INDEX tasks_by_account ON tasks (connection, account_id);
CREATE INDEX ix_users_email ON users (email);
CREATE INDEX snapshots_by_owner ON snapshots (connection, account_id, owner_id, day);
CREATE INDEX activities_by_end ON activities (connection, ends_at);
CREATE INDEX outbox_by_subject ON outbox (connection, subject);
CREATE INDEX finding_spans_by_account ON finding_spans (connection, account_id);
CREATE INDEX held_back_by_account ON held_back (connection, account_id);
CREATE INDEX team_by_account ON team (connection, account_id);
CREATE INDEX team_by_deal ON team (connection, deal_id);
CREATE INDEX tickets_by_account ON tickets (connection, account_id);
CREATE INDEX tickets_by_contact ON tickets (connection, contact_id);
CREATE INDEX activities_gone ON activities (connection) WHERE deleted = 1;
CREATE INDEX ix_matches_party ON matches (party);
CREATE INDEX match_keys_by_record ON match_keys (connection, kind, id);
CREATE INDEX match_questions_by_digest ON match_questions (question);
CREATE INDEX mailings_by_contact ON mailings (connection, contact_id);
CREATE INDEX mailings_by_campaign ON mailings (connection, campaign_id);
COMMIT;
