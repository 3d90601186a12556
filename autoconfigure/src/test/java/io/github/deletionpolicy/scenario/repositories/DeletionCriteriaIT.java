package io.github.deletionpolicy.scenario.repositories;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.data.DeletionCriteria;
import io.github.deletionpolicy.scenario.Application;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.relational.core.mapping.Column;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.core.query.Query;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Criteria that tell live rows from deleted ones, in the reads of Spring Data JDBC.
 */
class DeletionCriteriaIT {

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE plain (id bigint PRIMARY KEY, name text, deletion_time timestamptz);
			CREATE TABLE mapped (id bigint PRIMARY KEY, name text, deletion_time timestamptz);
			CREATE TABLE quoted (id bigint PRIMARY KEY, name text, "deletedAt" timestamptz);
			CREATE TABLE capitals (id bigint PRIMARY KEY, name text, "deletedAt" timestamptz);
			CREATE TABLE folded (id bigint PRIMARY KEY, name text, deletedat timestamptz);
			CREATE TABLE confusing (id bigint PRIMARY KEY, name text, gone timestamptz, finished boolean DEFAULT true);
			CREATE TABLE free (id bigint PRIMARY KEY, name text, deletion_time timestamptz);
			CREATE VIEW live_quoted AS SELECT * FROM quoted WHERE "deletedAt" IS NULL""",
			"deletion-policy.tables.plain.mode=soft", "deletion-policy.tables.mapped.mode=soft",
			"deletion-policy.tables.quoted.mode=soft",
			"deletion-policy.tables.quoted.deletion-time-column=\"deletedAt\"",
			"deletion-policy.tables.quoted.live-view=live_quoted", "deletion-policy.tables.capitals.mode=soft",
			"deletion-policy.tables.capitals.deletion-time-column=deletedAt", "deletion-policy.tables.folded.mode=soft",
			"deletion-policy.tables.folded.deletion-time-column=deletedAt",
			"deletion-policy.tables.confusing.mode=soft", "deletion-policy.tables.confusing.deletion-time-column=gone");

	private static DeletionCriteria criteria;

	private static JdbcAggregateTemplate template;

	@BeforeAll
	static void beans() {
		criteria = application.bean(DeletionCriteria.class);
		template = application.bean(JdbcAggregateTemplate.class);
	}

	@BeforeEach
	void rows() {
		for (String table : List.of("plain", "mapped", "quoted", "capitals", "folded", "confusing", "free")) {
			application.jdbc().sql("DELETE FROM " + table).update();
			application.jdbc()
				.sql("INSERT INTO %s (id, name) VALUES (1, 'Ada'), (2, 'Ada'), (3, 'Bob')".formatted(table))
				.update();
			application.deletes().from(table).byId(1).soft().execute();
		}
	}

	@Test
	void liveAndDeletedRowsAreToldApart() {
		assertThat(find(criteria.live(Plain.class), Plain.class).map(Plain::id)).containsExactly(2L, 3L);
		assertThat(find(criteria.deleted(Plain.class), Plain.class).map(Plain::id)).containsExactly(1L);
		assertThat(template.count(Query.query(criteria.live(Plain.class)), Plain.class)).isEqualTo(2);
	}

	@Test
	void theColumnMayBeAPropertyToo() {
		assertThat(find(criteria.live(Mapped.class), Mapped.class).map(Mapped::id)).containsExactly(2L, 3L);
		assertThat(find(criteria.deleted("mapped"), Mapped.class)).singleElement()
			.satisfies((row) -> assertThat(row.deletionTime()).isNotNull());
	}

	@Test
	void theColumnMayNeedQuotes() {
		assertThat(find(criteria.live(Quoted.class), Quoted.class).map(Quoted::id)).containsExactly(2L, 3L);
		assertThat(find(criteria.deleted(Quoted.class), Quoted.class).map(Quoted::id)).containsExactly(1L);
		assertThat(find(criteria.live(Capitals.class), Capitals.class).map(Capitals::id)).containsExactly(2L, 3L);
		assertThat(find(criteria.live(Folded.class), Folded.class).map(Folded::id)).containsExactly(2L, 3L);
	}

	@Test
	void aLiveViewHasTheColumnOfItsTable() {
		assertThat(find(criteria.live(LiveQuoted.class), LiveQuoted.class).map(LiveQuoted::id)).containsExactly(2L, 3L);
		assertThat(find(criteria.deleted("live_quoted"), Quoted.class).map(Quoted::id)).containsExactly(1L);
	}

	@Test
	void aPropertyOfTheColumnsNameIsAnother() {
		assertThat(find(criteria.live(Confusing.class), Confusing.class).map(Confusing::id)).containsExactly(2L, 3L);
	}

	@Test
	void withoutAPolicyItIsTheDefaultColumn() {
		assertThat(find(criteria.live(Free.class), Free.class).map(Free::id)).containsExactly(2L, 3L);
	}

	@Test
	void theyAreCombined() {
		assertThat(find(criteria.live(Plain.class).and("name").is("Ada"), Plain.class).map(Plain::id))
			.containsExactly(2L);
		assertThat(find(Criteria.where("name").is("Ada").and(criteria.live(Plain.class)), Plain.class).map(Plain::id))
			.containsExactly(2L);
		Criteria either = Criteria.from(criteria.live(Plain.class),
				Criteria.where("id").is(1).or(Criteria.where("name").is("Bob")));
		assertThat(find(either, Plain.class).map(Plain::id)).containsExactly(3L);
	}

	@Test
	void deletesAndRestoresTakeThem() {
		assertThat(application.deletes()
			.from("quoted")
			.where(criteria.deleted("quoted").and("name").is("Ada"))
			.hard()
			.execute()
			.rows()).isOne();
		assertThat(application.ids("quoted")).containsExactly(2L, 3L);
		assertThat(application.deletes().from(Plain.class).where(criteria.live(Plain.class)).execute().rows())
			.isEqualTo(2);
		assertThat(application.deletes().restoreFrom(Plain.class).where(criteria.deleted(Plain.class)).execute().rows())
			.isEqualTo(3);
		assertThat(application.deletes().from(LiveQuoted.class).where(criteria.live(LiveQuoted.class)).execute().rows())
			.isEqualTo(2);
		assertThat(application.deletes().from(Confusing.class).where(criteria.live(Confusing.class)).execute().rows())
			.isEqualTo(2);
	}

	private static <T> Stream<T> find(Criteria criteria, Class<T> type) {
		return template.findAll(Query.query(criteria).sort(Sort.by("id")), type).stream();
	}

	@Table("plain")
	record Plain(@Id Long id, String name) {
	}

	@Table("mapped")
	record Mapped(@Id Long id, @Nullable Instant deletionTime) {
	}

	@Table("quoted")
	record Quoted(@Id Long id) {
	}

	@Table("live_quoted")
	record LiveQuoted(@Id Long id) {
	}

	@Table("capitals")
	record Capitals(@Id Long id) {
	}

	@Table("folded")
	record Folded(@Id Long id) {
	}

	@Table("confusing")
	record Confusing(@Id Long id, @Column("finished") boolean gone) {
	}

	@Table("free")
	record Free(@Id Long id) {
	}

}
