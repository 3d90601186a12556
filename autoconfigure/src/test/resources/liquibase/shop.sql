--liquibase formatted sql

--changeset shop:users
--preconditions onFail:HALT
--precondition-sql-check expectedResult:0 SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'deletion\_%'
CREATE TABLE users (id bigint PRIMARY KEY);
