package io.github.deletionpolicy.scenario.repositories;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.convert.ConverterBuilder;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcCustomConversions;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.mapping.AggregateReference;
import org.springframework.data.relational.core.mapping.Column;
import org.springframework.data.relational.core.mapping.Embedded;
import org.springframework.data.relational.core.mapping.Table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Ids of aggregates, as their repositories take them.
 */
class MappedIdsIT {

	private static final UUID ADA = UUID.fromString("00000000-0000-0000-0000-00000000000a");

	private static final UUID BOB = UUID.fromString("00000000-0000-0000-0000-00000000000b");

	@RegisterExtension
	private static final Application application = Application
		.of("""
				CREATE TABLE accounts (account_id uuid PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE seats (hall text, seat_row int, seat_no bigint, deletion_time timestamptz,
					PRIMARY KEY (seat_no, hall, seat_row));
				CREATE TABLE invoices (tenant uuid, number bigint, deletion_time timestamptz, PRIMARY KEY (tenant, number));
				CREATE TABLE tokens (value text PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE grades (grade int PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE levels (level text PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE people (id bigint PRIMARY KEY, code bigint UNIQUE, deletion_time timestamptz)""",
				"deletion-policy.tables.accounts.mode=soft", "deletion-policy.tables.seats.mode=scheduled",
				"deletion-policy.tables.seats.delay=30d", "deletion-policy.tables.invoices.mode=soft",
				"deletion-policy.tables.tokens.mode=soft", "deletion-policy.tables.grades.mode=soft",
				"deletion-policy.tables.levels.mode=soft", "deletion-policy.tables.people.mode=soft")
		.with(Converters.class);

	@BeforeEach
	void rows() {
		application.sql("""
				TRUNCATE accounts, seats, invoices, tokens, grades, levels, people, deletion_operation, deletion_chunk;
				INSERT INTO seats VALUES ('red', 1, 1), ('red', 1, 2), ('blue', 1, 1);
				INSERT INTO tokens VALUES ('a'), ('b');
				INSERT INTO grades VALUES (1), (6);
				INSERT INTO levels VALUES ('LOW'), ('HIGH');
				INSERT INTO people VALUES (1, 2), (2, 1)""");
		for (UUID id : List.of(ADA, BOB)) {
			application.jdbc().sql("INSERT INTO accounts VALUES (?)").param(id).update();
			application.jdbc().sql("INSERT INTO invoices VALUES (?, 1), (?, 2)").params(id, id).update();
		}
	}

	@Test
	void anIdOfATypeOfItsOwnGoesThroughItsConverter() {
		assertThat(delete(Account.class, new AccountId(ADA))).isOne();
		assertThat(live("accounts", "account_id")).containsExactly(BOB.toString());
		assertThat(application.deletes().restoreFrom(Account.class).byId(new AccountId(ADA)).execute().rows()).isOne();
		assertThat(live("accounts", "account_id")).containsExactly(ADA.toString(), BOB.toString());
	}

	@Test
	void idsOfSeveralKindsMayBeMixed() {
		assertThat(delete(Account.class, new AccountId(ADA), BOB)).isEqualTo(2);
		Set<Object> ids = new LinkedHashSet<>(
				List.of(new AccountId(ADA), AggregateReference.to(new AccountId(BOB)), Map.of("account_id", ADA)));
		assertThat(application.deletes().restoreFrom(Account.class).byIds(ids).execute().rows()).isEqualTo(2);
	}

	@Test
	void aCompositeIdIsAnObject() {
		Place first = new Place("red", 1);
		assertThat(delete(Seat.class, new SeatId(first, 1))).isOne();
		assertThat(delete(Seat.class, new SeatId(first, 1), new SeatId(first, 2),
				Map.of("hall", "blue", "seat_row", 1, "seat_no", 1)))
			.isEqualTo(2);
		assertThat(live("seats", "hall")).isEmpty();
		assertThat(application.deletes().restoreFrom(Seat.class).byId(new SeatId(first, 2)).execute().rows()).isOne();
		assertThat(live("seats", "seat_no")).containsExactly("2");
	}

	@Test
	void aCompositeIdNeedsNoAnnotation() {
		InvoiceId id = new InvoiceId(new AccountId(ADA), 2L);
		assertThat(application.bean(JdbcAggregateOperations.class).existsById(id, Invoice.class)).isTrue();
		assertThat(delete(Invoice.class, id)).isOne();
		assertThat(application.deletes().restoreFrom(Invoice.class).byIds(List.of(id)).execute().rows()).isOne();
	}

	@Test
	void aRecordOfOneValueNeedsNoConverter() {
		assertThat(delete(Token.class, new TokenValue("a"))).isOne();
		assertThat(live("tokens", "value")).containsExactly("b");
	}

	@Test
	void anEnumerationIsStoredByItsConverterOrItsName() {
		assertThat(delete(Graded.class, Grade.BAD)).isOne();
		assertThat(live("grades", "grade")).containsExactly("1");
		assertThat(delete(Levelled.class, Level.LOW)).isOne();
		assertThat(live("levels", "level")).containsExactly("HIGH");
	}

	@Test
	void anIdOfAnotherTypeIsRefusedWithBothTypesTheClassAndTheTable() {
		refused(Account.class, new OrderId(ADA)).withMessageContaining(AccountId.class.getName())
			.withMessageContaining(OrderId.class.getName())
			.withMessageContaining("accounts");
		refused(Account.class, "x").withMessageContaining("uuid")
			.withMessageContaining("java.lang.String")
			.withMessageContaining("accounts");
		refused(Seat.class, 1L).withMessageContaining(SeatId.class.getName())
			.withMessageContaining("java.lang.Long")
			.withMessageContaining("seats");
		refused(Seat.class, new InvoiceId(new AccountId(ADA), 1L)).withMessageContaining(SeatId.class.getName());
		refused(Account.class, new Account(new AccountId(ADA))).withMessageContaining(AccountId.class.getName());
		refused(Graded.class, Level.LOW).withMessageContaining(Level.class.getName());
		refused(Graded.class, "1").withMessageContaining("java.lang.String").withMessageContaining("integer");
		assertThat(live("accounts", "account_id")).hasSize(2);
	}

	@Test
	void anIdWithoutAPartIsRefused() {
		refused(Seat.class, new SeatId(new Place(null, 1), 1)).withMessageContaining("id.place.hall")
			.withMessageContaining("seats");
		refused(Seat.class, new SeatId(null, 1)).withMessageContaining("id.place");
		refused(Invoice.class, new InvoiceId(new AccountId(ADA), null)).withMessageContaining("id.number");
		refused(Invoice.class, new Invoice(null).id()).withMessageContaining("null");
	}

	@Test
	void aMapThatDoesNotNameTheKeyIsRefused() {
		refused(Account.class, Map.of("id", ADA)).withMessageContaining("'id'").withMessageContaining("account_id");
		refused(Seat.class, Map.of("hall", "red", "seat_row", 1)).withMessageContaining("seat_no");
		refused(Seat.class, Map.of("hall", "red", "seat_row", 1, "seat_no", 1, "price", 3))
			.withMessageContaining("'price'");
	}

	@Test
	void aPropertyThatIsNotThePrimaryKeyIsNotTakenForIt() {
		refused(Coded.class, 1L).withMessageContaining("'code'").withMessageContaining("(id)");
		refused(Coded.class, 1).withMessageContaining("'code'");
		refused(Coded.class, (short) 1).withMessageContaining("'code'");
		assertThat(live("people", "id")).containsExactly("1", "2");
	}

	@Test
	void aConverterThatFailsOrMakesNullIsNamed() {
		refused(Account.class, new AccountId(null)).withMessageContaining("made null of it")
			.withMessageContaining("accounts");
		refused(Account.class, new AccountId(new UUID(0, 0))).withMessageContaining("no account zero")
			.withMessageContaining(AccountId.class.getName())
			.withMessageContaining("accounts");
		refused(Invoice.class, new InvoiceId(new AccountId(new UUID(0, 0)), 1L))
			.withMessageContaining("no account zero");
	}

	@Test
	void noIdsAreNoRows() {
		assertThat(application.deletes().from(Seat.class).byIds(List.of()).execute().rows()).isZero();
		assertThat(application.deletes().restoreFrom(Account.class).byIds(Set.of()).execute().rows()).isZero();
	}

	@Test
	void aTableTakesWhatItsColumnsHold() {
		assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> application.deletes().from("accounts").byId(new AccountId(ADA)).execute())
			.withMessageContaining(AccountId.class.getName());
		assertThat(application.deletes().from("accounts").byId(ADA).execute().rows()).isOne();
	}

	@Test
	void withoutRepositoriesIdsAreReadByTheMappingAlone() {
		TestDatabase database = TestDatabase.create();
		database.jdbc().sql("""
				CREATE TABLE tokens (value text PRIMARY KEY, deletion_time timestamptz)""").update();
		database.jdbc().sql("INSERT INTO tokens VALUES ('a'), ('b')").update();
		try (Application plain = Application
			.of(database, "spring.data.jdbc.repositories.enabled=false", "deletion-policy.tables.tokens.mode=soft")
			.start()) {
			assertThat(plain.deletes().from(Token.class).byId("a").preview().rows()).isOne();
			assertThat(plain.deletes().from(Token.class).byId(new TokenValue("a")).execute().rows()).isOne();
			assertThat(plain.deletes().from(Token.class).all().returning(Map.class).execute().rows()).hasSize(1);
		}
	}

	private static ThrowableAssertAlternative<InvalidIdException> refused(Class<?> type, Object id) {
		assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> application.deletes().restoreFrom(type).byId(id).execute());
		return assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> application.deletes().from(type).byId(id).execute());
	}

	private static long delete(Class<?> type, Object... ids) {
		return application.deletes().from(type).byIds(List.of(ids)).execute().rows();
	}

	private static List<String> live(String table, String column) {
		return application.jdbc()
			.sql("SELECT CAST(%s AS text) FROM %s WHERE deletion_time IS NULL ORDER BY 1".formatted(column, table))
			.query(String.class)
			.list();
	}

	@Table("accounts")
	record Account(@Id @Column("account_id") AccountId id) {
	}

	record AccountId(@Nullable UUID value) {
	}

	record OrderId(UUID value) {
	}

	@Table("seats")
	record Seat(@Id @Embedded.Nullable SeatId id) {
	}

	record SeatId(@Embedded.Nullable @Nullable Place place, @Column("seat_no") long number) {
	}

	record Place(@Nullable String hall, @Column("seat_row") int row) {
	}

	@Table("invoices")
	record Invoice(@Id @Nullable InvoiceId id) {
	}

	record InvoiceId(AccountId tenant, @Nullable Long number) {
	}

	@Table("tokens")
	record Token(@Id TokenValue id) {
	}

	record TokenValue(String value) {
	}

	@Table("grades")
	record Graded(@Id Grade grade) {
	}

	enum Grade {

		GOOD, BAD

	}

	@Table("levels")
	record Levelled(@Id Level level) {
	}

	enum Level {

		LOW, HIGH

	}

	@Table("people")
	record Coded(@Id long code) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Converters {

		@Bean
		JdbcCustomConversions jdbcCustomConversions(JdbcDialect dialect) {
			return JdbcCustomConversions.of(dialect,
					List.of(ConverterBuilder.writing(AccountId.class, UUID.class, Converters::valueOf)
						.andReading(AccountId::new),
							ConverterBuilder.writing(OrderId.class, UUID.class, OrderId::value).getWritingConverter(),
							ConverterBuilder
								.writing(Grade.class, Integer.class, (grade) -> (grade == Grade.GOOD) ? 1 : 6)
								.andReading((number) -> (number == 1) ? Grade.GOOD : Grade.BAD)));
		}

		private static @Nullable UUID valueOf(AccountId id) {
			if (new UUID(0, 0).equals(id.value())) {
				throw new IllegalStateException("There is no account zero");
			}
			return id.value();
		}

	}

}
