package io.github.deletionpolicy.scenario.environment;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two nodes purge one database, and only one of them knows the hold condition under which
 * deletes were accepted. What a hold may keep goes only where the condition is asked.
 */
class HoldUnknownIT {

	private static final Duration MONTH = Duration.ofDays(31);

	private static final String HOLD = "hold-condition=legal_hold";

	private TestDatabase database;

	private Application knowing;

	@BeforeEach
	void start() {
		this.database = TestDatabase
			.create("""
					CREATE TABLE users (id bigint PRIMARY KEY, legal_hold boolean NOT NULL DEFAULT false, deletion_time timestamptz);
					CREATE TABLE docs (id bigint PRIMARY KEY, owner bigint REFERENCES users ON DELETE CASCADE,
						legal_hold boolean NOT NULL DEFAULT false, deletion_time timestamptz);
					CREATE INDEX ON docs (owner);
					CREATE TABLE seats (row_no int, place text, legal_hold boolean NOT NULL DEFAULT false, deletion_time timestamptz,
						PRIMARY KEY (row_no, place));
					CREATE TABLE events (id bigint PRIMARY KEY, legal_hold boolean NOT NULL DEFAULT false, deletion_time timestamptz)
						PARTITION BY RANGE (id);
					CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (1000);
					INSERT INTO users VALUES (1, true), (2, false); INSERT INTO seats VALUES (1, 'a', true), (2, 'b', false);
					INSERT INTO events VALUES (1, true), (2, false)""");
		this.knowing = Application.of(this.database,
				Stream.of("users", "docs", "seats", "events").flatMap(HoldUnknownIT::scheduled).toArray(String[]::new))
			.start();
	}

	private static Stream<String> scheduled(String table) {
		return Stream.of("mode=scheduled", "delay=1d", HOLD).map((said) -> property(table, said));
	}

	private static String property(String table, String said) {
		return "deletion-policy.tables." + table + "." + said;
	}

	@AfterEach
	void stop() {
		this.knowing.close();
	}

	private Application ignorant(String... properties) {
		return Application.of(this.database, properties).start();
	}

	private String rows(String table) {
		return this.database.jdbc()
			.sql("SELECT coalesce(string_agg(CAST(legal_hold AS text), ' ' ORDER BY legal_hold), '') FROM " + table)
			.query(String.class)
			.single();
	}

	/**
	 * A policy without a hold, one of another mode, or none.
	 */
	static Stream<List<String>> policies() {
		List<String> without = new ArrayList<>();
		List<String> hard = new ArrayList<>();
		for (String table : List.of("users", "docs", "seats", "events")) {
			without.addAll(List.of(property(table, "mode=scheduled"), property(table, "delay=1d")));
			hard.add(property(table, "mode=hard"));
		}
		return Stream.of(without, hard, List.of());
	}

	@ParameterizedTest
	@MethodSource("policies")
	void whatAHoldMayKeepStaysOnANodeThatDoesNotKnowIt(List<String> properties) {
		for (String table : List.of("users", "seats", "events")) {
			this.knowing.deletes().from(table).all().execute();
		}
		try (Application ignorant = ignorant(properties.toArray(String[]::new))) {
			assertThat(ignorant.purgeAfter(MONTH)).isZero();
			for (String table : List.of("users", "seats", "events")) {
				assertThat(rows(table)).as(table).isEqualTo("false true");
				PendingPurge purge = ignorant.pending().page(table, null, 10).purges().get(0);
				assertThat(purge.state()).as(table).isEqualTo(State.BLOCKED);
				assertThat(purge.lastError()).as(table)
					.contains("hold condition that this node does not know", "or false");
			}
		}
		this.knowing.purgeAfter(MONTH.multipliedBy(2));
		for (String table : List.of("users", "seats", "events")) {
			assertThat(rows(table)).as(table).isEqualTo("true");
		}
	}

	/**
	 * The hold is on a row that the delete cascades to.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aHoldOnDependantsKeepsTheirTree(boolean rootIsKnown) {
		this.database
			.execute("UPDATE users SET legal_hold = false; INSERT INTO docs VALUES (11, 1, true), (21, 2, false)");
		this.knowing.deletes().from("users").all().execute();
		String[] properties = rootIsKnown ? scheduled("users").toArray(String[]::new) : new String[0];
		try (Application ignorant = ignorant(properties)) {
			assertThat(ignorant.purgeAfter(MONTH)).isZero();
			assertThat(rows("users")).isEqualTo("false false");
		}
		this.knowing.purgeAfter(MONTH.multipliedBy(2));
		assertThat(this.database.jdbc().sql("SELECT id FROM users").query(Long.class).list()).containsExactly(1L);
		assertThat(rows("docs")).isEqualTo("true");
	}

	/**
	 * A dependant that was deleted by itself, under its own hold, is below a root without
	 * one.
	 */
	@Test
	void aDependantThatWasDeletedByItselfKeepsItsTree() {
		this.database.execute("UPDATE users SET legal_hold = false; INSERT INTO docs VALUES (11, 1, true)");
		this.knowing.deletes().from("docs").byId(11).execute();
		try (Application ignorant = ignorant(property("users", "mode=scheduled"), property("users", "delay=0"))) {
			ignorant.deletes().from("users").byId(1).execute();
			ignorant.purgeAfter(MONTH);
			assertThat(rows("users")).isEqualTo("false false");
			assertThat(rows("docs")).isEqualTo("true");
		}
	}

	/**
	 * Somebody who gives the hold up says so.
	 */
	@Test
	void aHoldThatIsGivenUpKeepsNothing() {
		this.knowing.deletes().from("users").all().execute();
		try (Application changed = ignorant(property("users", "mode=scheduled"), property("users", "delay=1d"),
				property("users", "hold-condition=false"))) {
			changed.purgeAfter(MONTH);
			assertThat(rows("users")).isEmpty();
		}
	}

	/**
	 * What was accepted without a hold is no matter of one, also in a table that has one
	 * by now; what is due beside it goes.
	 */
	@Test
	void whatWasAcceptedWithoutAHoldGoesBesideWhatMustStay() {
		this.knowing.deletes().from("users").byId(1).execute();
		try (Application ignorant = ignorant(property("users", "mode=scheduled"), property("users", "delay=1d"))) {
			ignorant.deletes().from("users").byId(2).execute();
			assertThat(ignorant.purgeAfter(MONTH)).isOne();
			assertThat(rows("users")).isEqualTo("true");
			assertThat(this.knowing.deletes().restoreFrom("users").byId(1).execute().rows()).isOne();
		}
	}

	@Test
	void adoptedRowsAreKeptByTheHoldOfTheirPolicyToo() {
		this.database.execute("UPDATE users SET deletion_time = now() - interval '3 days'");
		assertThat(this.knowing.pending().adopt("users", this.knowing.now().minus(MONTH))).isEqualTo(2);
		try (Application ignorant = ignorant()) {
			assertThat(ignorant.purgeAfter(MONTH)).isZero();
		}
		assertThat(rows("users")).isEqualTo("false true");
		assertThat(
				this.database.jdbc().sql("SELECT count(*) FROM deletion_chunk WHERE hold").query(Long.class).single())
			.isPositive();
	}

}
