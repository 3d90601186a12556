package io.github.deletionpolicy.scenario.repositories;

import java.math.BigDecimal;
import java.sql.JDBCType;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.util.PGobject;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.GenericConverter;
import org.springframework.data.annotation.Id;
import org.springframework.data.convert.ConverterBuilder;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcCustomConversions;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.mapping.AggregateReference;
import org.springframework.data.jdbc.core.mapping.JdbcValue;
import org.springframework.data.relational.core.mapping.Column;
import org.springframework.data.relational.core.mapping.Embedded;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.core.query.Query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Criteria on a class: its properties, with values as the class has them.
 */
class MappedCriteriaIT {

	private static final UUID TENANT = UUID.fromString("00000000-0000-0000-0000-000000000001");

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TYPE weight AS ENUM ('light', 'heavy');
			CREATE TABLE parcels (tenant_id uuid, number bigint, size int, state text, colour text, fragile char(1),
				price numeric, weight weight, sender_id bigint, sent_on date, sent_at timestamp, seen_at timestamptz,
				to_city text, to_zip text, insured boolean, deletion_time timestamptz, PRIMARY KEY (tenant_id, number));
			CREATE TABLE parcel_lines (tenant_id uuid, number bigint, line int, name text);
			CREATE TABLE senders (id bigint PRIMARY KEY)""", "deletion-policy.tables.parcels.mode=soft")
		.with(Converters.class);

	@BeforeEach
	void threeParcels() {
		application.jdbc().sql("TRUNCATE parcels, deletion_operation, deletion_chunk").update();
		application.jdbc()
			.sql("""
					INSERT INTO parcels VALUES
						(:t, 1, 1, 'SENT', 'r', 'Y', 1.50, 'light', 7, '2026-01-01', '2026-01-01 10:00', '2026-01-01 10:00Z', 'Rome', '001', true),
						(:t, 2, 2, 'SENT', 'g', 'N', 2.50, 'heavy', 8, '2026-01-02', '2026-01-02 10:00', '2026-01-02 10:00Z', 'Oslo', '002', false),
						(:t, 3, 3, 'LOST', 'b', 'N', 3.50, 'heavy', 8, '2026-01-03', '2026-01-03 10:00', '2026-01-03 10:00Z', 'Oslo', '003', NULL)""")
			.param("t", TENANT)
			.update();
	}

	@Test
	void valuesOfTypesOfTheirOwnGoThroughTheirConverters() {
		assertThat(matching(Criteria.where("price").is(new Money("2.50")))).containsExactly(2L);
		assertThat(matching(Criteria.where("price").greaterThan(new Money("1.50")))).containsExactly(2L, 3L);
		assertThat(matching(Criteria.where("price").between(new Money("1"), new Money("3")))).containsExactly(1L, 2L);
		assertThat(matching(Criteria.where("price").notBetween(new Money("1"), new Money("3")))).containsExactly(3L);
		assertThat(matching(Criteria.where("price").in(Set.of(new Money("1.5"), new Money("3.5"))))).containsExactly(1L,
				3L);
		assertThat(matching(Criteria.where("price").notIn(new Money("1.5"), new Money("3.5")))).containsExactly(2L);
		assertThat(matching(Criteria.where("weight").is(new Weight("heavy")))).containsExactly(2L, 3L);
	}

	@Test
	void enumerationsAreStoredByTheirConverterOrTheirName() {
		assertThat(matching(Criteria.where("size").is(Size.LARGE))).containsExactly(3L);
		assertThat(matching(Criteria.where("size").in(Size.SMALL, Size.LARGE))).containsExactly(1L, 3L);
		assertThat(matching(Criteria.where("colour").is(Colour.GREEN))).containsExactly(2L);
		assertThat(matching(Criteria.where("state").is(State.LOST))).containsExactly(3L);
		assertThat(matching(Criteria.where("state").in(State.SENT, State.LOST))).hasSize(3);
		assertThat(matching(Criteria.where("state").is("LOST"))).containsExactly(3L);
		assertThat(matching(Criteria.where("state").is(State.LOST).ignoreCase(true))).containsExactly(3L);
	}

	@Test
	void booleansThatAreStoredAsALetterAreComparedAsOne() {
		assertThat(matching(Criteria.where("fragile").is(Flag.YES))).containsExactly(1L);
		assertThat(matching(Criteria.where("insured").isTrue())).containsExactly(1L);
		assertThat(matching(Criteria.where("insured").isFalse())).containsExactly(2L);
		TestDatabase database = TestDatabase.create();
		database.jdbc()
			.sql("CREATE TABLE letters (id bigint PRIMARY KEY, sealed char(1), deletion_time timestamptz)")
			.update();
		database.jdbc().sql("INSERT INTO letters VALUES (1, 'Y'), (2, 'N'), (3, NULL)").update();
		try (Application letters = Application.of(database).with(Letters.class).start()) {
			for (Criteria yes : List.of(Criteria.where("sealed").is(true), Criteria.where("sealed").isTrue())) {
				assertThat(letters.deletes().from(Letter.class).where(yes).preview().rows()).isOne();
			}
			assertThat(letters.deletes().from(Letter.class).where(Criteria.where("sealed").isFalse()).execute().rows())
				.isOne();
			assertThat(letters.ids("letters")).containsExactly(1L, 3L);
		}
	}

	@Test
	void aReferenceToAnotherAggregateIsItsId() {
		assertThat(matching(Criteria.where("sender").is(AggregateReference.to(8L)))).containsExactly(2L, 3L);
		assertThat(matching(Criteria.where("sender").in(AggregateReference.to(7L), 9L))).containsExactly(1L);
		assertThat(matching(Criteria.where("sender").is(7))).containsExactly(1L);
	}

	@Test
	void javasTimesGoAsTheyAre() {
		assertThat(matching(Criteria.where("sentOn").between(LocalDate.of(2026, 1, 2), LocalDate.of(2026, 1, 3))))
			.containsExactly(2L, 3L);
		assertThat(matching(Criteria.where("sentAt").is(LocalDateTime.of(2026, 1, 2, 10, 0)))).containsExactly(2L);
		assertThat(matching(Criteria.where("seenAt").lessThan(Instant.parse("2026-01-02T10:00:00Z"))))
			.containsExactly(1L);
	}

	@Test
	void pathsLeadIntoEmbeddedObjectsAndIds() {
		assertThat(matching(Criteria.where("to.city").is("Oslo").and("to.zip").is("002"))).containsExactly(2L);
		assertThat(matching(Criteria.where("to.zip").like("00%"))).hasSize(3);
		assertThat(matching(Criteria.where("id.tenant").is(new TenantId(TENANT)).and("id.number").greaterThan(1)))
			.containsExactly(2L, 3L);
	}

	@Test
	void anEmbeddedObjectOrAnIdIsComparedByItsParts() {
		TenantId tenant = new TenantId(TENANT);
		assertThat(matching(Criteria.where("to").is(new Address("Oslo", "002")))).containsExactly(2L);
		assertThat(matching(Criteria.where("to").not(new Address("Oslo", "002")))).containsExactly(1L, 3L);
		assertThat(matching(Criteria.where("id").is(new ParcelId(tenant, 1)))).containsExactly(1L);
		assertThat(matching(Criteria.where("id").in(new ParcelId(tenant, 1), new ParcelId(tenant, 3))))
			.containsExactly(1L, 3L);
		assertThat(matching(Criteria.where("id").notIn(new ParcelId(tenant, 1), new ParcelId(tenant, 3))))
			.containsExactly(2L);
		assertThat(matching(Criteria.where("price")
			.lessThan(new Money("3"))
			.and(Criteria.where("to").is(new Address("Rome", "001")).or("id").is(new ParcelId(tenant, 3)))))
			.containsExactly(1L);
		refused("to", new Address("Oslo", null)).withMessageContaining("to.zip").withMessageContaining("parcels");
		refused("to", "Oslo").withMessageContaining("java.lang.String").withMessageContaining(Address.class.getName());
		refused("id", new Address("Oslo", "002")).withMessageContaining(ParcelId.class.getName());
	}

	@Test
	void whatARepositoryFindsIsWhatIsDeletedAndRestored() {
		JdbcAggregateOperations repository = application.bean(JdbcAggregateOperations.class);
		Criteria criteria = Criteria.where("state").is(State.SENT).and("price").greaterThan(new Money("2"));
		assertThat(repository.count(Query.query(criteria), Parcel.class)).isOne();
		assertThat(application.deletes().from(Parcel.class).where(criteria).execute().rows()).isOne();
		assertThat(application.deletes().restoreFrom(Parcel.class).where(criteria).execute().rows()).isOne();
	}

	@Test
	void aColumnMayBeNamedInsteadOfItsProperty() {
		assertThat(matching(Criteria.where("to_city").is("Rome"))).containsExactly(1L);
		assertThat(matching(Criteria.where("price").is(new BigDecimal("1.50")))).containsExactly(1L);
	}

	@Test
	void whereNoConverterIsMeantForItAValueHasToFitItsColumn() {
		refused("size", "2").withMessageContaining("java.lang.String").withMessageContaining("integer");
		refused("size", State.LOST).withMessageContaining("integer");
		refused("price", "1.50").withMessageContaining("numeric");
		refused("sentOn", Instant.now()).withMessageContaining("java.time.Instant").withMessageContaining("date");
		refused("sender", "7").withMessageContaining("bigint");
		refused("to.city", 5).withMessageContaining("java.lang.Integer").withMessageContaining("text");
		refused("price", new Address("x", "y")).withMessageContaining(Address.class.getName());
	}

	@Test
	void aTableTakesWhatItsColumnsHold() {
		assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> application.deletes()
				.from("parcels")
				.where(Criteria.where("price").is(new Money("1.50")))
				.execute())
			.withMessageContaining(Money.class.getName());
	}

	@Test
	void propertiesWithoutAColumnOfTheTableAreRefused() {
		for (String name : List.of("nothing", "lines", "lines.name", "id.nothing", "sender.id", "to.city.x",
				"price.amount", "id.tenant.value", ".", "to.", "to..city")) {
			assertThatExceptionOfType(UnknownColumnException.class).as(name)
				.isThrownBy(
						() -> application.deletes().from(Parcel.class).where(Criteria.where(name).is("x")).execute())
				.withMessageContaining("to_city");
		}
		for (String name : List.of("to", "id")) {
			assertThatExceptionOfType(UnknownColumnException.class).isThrownBy(() -> application.deletes()
				.from(Parcel.class)
				.where(Criteria.where(name).greaterThan(1))
				.execute());
		}
	}

	@Test
	void aConverterThatFailsOrMakesNullIsNamed() {
		refused("price", new Money("-1")).withMessageContaining("no negative money")
			.withMessageContaining(Money.class.getName())
			.withMessageContaining("'price'")
			.withMessageContaining("parcels");
		refused("price", new Money((String) null)).withMessageContaining("made null of it");
		assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> matching(Criteria.where("price").in(Arrays.asList(new Money("1"), new Money("-1")))));
		assertThat(matching(Criteria.where("price").isNotNull())).hasSize(3);
	}

	private static ThrowableAssertAlternative<InvalidCriteriaException> refused(String property, Object value) {
		Criteria criteria = Criteria.where(property).is(value);
		assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> application.deletes().restoreFrom(Parcel.class).where(criteria).execute());
		return assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> application.deletes().from(Parcel.class).where(criteria).execute());
	}

	private static List<Long> matching(Criteria criteria) {
		return application.transactions().execute((status) -> {
			status.setRollbackOnly();
			application.deletes().from(Parcel.class).where(criteria).execute();
			return application.jdbc()
				.sql("SELECT number FROM parcels WHERE deletion_time IS NOT NULL ORDER BY 1")
				.query(Long.class)
				.list();
		});
	}

	@Table("parcels")
	record Parcel(@Id @Embedded.Nullable ParcelId id, Size size, State state, Colour colour, Flag fragile, Money price,
			Weight weight, @Column("sender_id") AggregateReference<Sender, Long> sender, LocalDate sentOn,
			LocalDateTime sentAt, Instant seenAt, @Embedded.Nullable(prefix = "to_") Address to, Boolean insured,
			List<Line> lines) {
	}

	record ParcelId(@Column("tenant_id") TenantId tenant, long number) {
	}

	record TenantId(UUID value) {
	}

	record Money(@Nullable BigDecimal amount) {

		Money(@Nullable String amount) {
			this((amount != null) ? new BigDecimal(amount) : null);
		}

	}

	record Weight(String name) {
	}

	record Address(String city, @Nullable String zip) {
	}

	@Table("parcel_lines")
	record Line(String name) {
	}

	@Table("senders")
	record Sender(@Id Long id) {
	}

	enum Size {

		SMALL, MEDIUM, LARGE

	}

	enum State {

		SENT, LOST

	}

	enum Colour {

		RED, GREEN

	}

	enum Flag {

		YES, NO

	}

	@Table("letters")
	record Letter(@Id long id, Boolean sealed) {
	}

	private static <S, T> GenericConverter writing(Class<S> source, Class<T> target, Function<S, T> function) {
		return ConverterBuilder.writing(source, target, function).getWritingConverter();
	}

	@Configuration(proxyBeanMethods = false)
	static class Converters {

		@Bean
		JdbcCustomConversions jdbcCustomConversions(JdbcDialect dialect) {
			return JdbcCustomConversions.of(dialect, List.of(
					writing(Money.class, BigDecimal.class, Converters::amountOf),
					writing(Size.class, Integer.class, (size) -> size.ordinal() + 1),
					writing(Colour.class, JdbcValue.class,
							(colour) -> JdbcValue.of(colour.name().substring(0, 1).toLowerCase(), JDBCType.VARCHAR)),
					writing(Flag.class, Character.class, (flag) -> flag.name().charAt(0)),
					writing(Weight.class, PGobject.class, Converters::objectOf),
					writing(TenantId.class, UUID.class, TenantId::value)));
		}

		private static @Nullable BigDecimal amountOf(Money money) {
			if (money.amount() != null && money.amount().signum() < 0) {
				throw new IllegalArgumentException("There is no negative money");
			}
			return money.amount();
		}

		private static PGobject objectOf(Weight weight) {
			PGobject object = new PGobject();
			object.setType("weight");
			try {
				object.setValue(weight.name());
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
			return object;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Letters {

		@Bean
		JdbcCustomConversions jdbcCustomConversions(JdbcDialect dialect) {
			return JdbcCustomConversions.of(dialect,
					List.of(writing(Boolean.class, String.class, (flag) -> flag ? "Y" : "N")));
		}

	}

}
