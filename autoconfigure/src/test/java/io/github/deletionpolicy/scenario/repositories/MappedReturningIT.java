package io.github.deletionpolicy.scenario.repositories;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletedRows;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.data.JdbcAggregateMapping;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.StatementRecorder;
import io.github.deletionpolicy.scenario.TreeTables;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.ReadOnlyProperty;
import org.springframework.data.annotation.Transient;
import org.springframework.data.convert.ConverterBuilder;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.jdbc.core.convert.JdbcCustomConversions;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.mapping.AggregateReference;
import org.springframework.data.jdbc.core.mapping.JdbcMappingContext;
import org.springframework.data.mapping.callback.EntityCallbacks;
import org.springframework.data.relational.core.mapping.Column;
import org.springframework.data.relational.core.mapping.Embedded;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.mapping.event.AfterConvertCallback;
import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Aggregates that come back from their delete as a repository would have found them.
 */
class MappedReturningIT {

	private static final UUID TENANT = UUID.fromString("00000000-0000-0000-0000-000000000001");

	@RegisterExtension
	private static final Application application = Application
		.of("""
				CREATE TABLE users (user_id bigint PRIMARY KEY, mail text, balance numeric, home_city text, home_zip text,
					boss bigint, tags text[], mood text, deletion_time timestamptz);
				CREATE TABLE orders (id bigint PRIMARY KEY, name text, deletion_time timestamptz);
				CREATE TABLE order_line (orders bigint REFERENCES orders ON DELETE CASCADE, orders_key int, text text,
					deletion_time timestamptz, PRIMARY KEY (orders, orders_key));
				CREATE TABLE notes (orders bigint REFERENCES orders ON DELETE CASCADE, note text);
				CREATE TABLE shipping (orders bigint PRIMARY KEY REFERENCES orders ON DELETE CASCADE, carrier text);
				CREATE TABLE visits (tenant uuid, number bigint, deletion_time timestamptz, PRIMARY KEY (tenant, number));
				CREATE TABLE visitors (visits_tenant uuid, visits_number bigint, name text,
					FOREIGN KEY (visits_tenant, visits_number) REFERENCES visits ON DELETE CASCADE);
				CREATE TABLE strict (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE strict_bill (strict bigint REFERENCES strict);
				CREATE TABLE strict_item (strict bigint REFERENCES strict, name text);
				CREATE VIEW wide_users AS SELECT u.*, length(mail) AS mail_length FROM users u;
				CREATE VIEW live_orders AS SELECT * FROM orders WHERE deletion_time IS NULL""",
				"deletion-policy.tables.users.mode=soft", "deletion-policy.tables.orders.mode=soft",
				"deletion-policy.tables.visits.mode=scheduled", "deletion-policy.tables.visits.delay=1d")
		.with(Converters.class, StatementRecorder.Recording.class);

	@BeforeEach
	void rows() {
		application.sql("""
				TRUNCATE users, orders, order_line, notes, shipping, visits, visitors, strict, strict_item, strict_bill,
					deletion_operation, deletion_chunk;
				INSERT INTO users VALUES (1, 'ada@example.org', 1.50, 'Rome', '001', 2, '{a,b}', 'CALM'),
					(2, 'bob@example.org', 2.50, NULL, NULL, NULL, NULL, NULL);
				INSERT INTO orders VALUES (1, 'one'), (2, 'two'), (3, 'three');
				INSERT INTO order_line VALUES (1, 0, 'a'), (1, 1, 'b'), (2, 0, 'c');
				INSERT INTO notes VALUES (1, 'x'), (1, 'y');
				INSERT INTO shipping VALUES (1, 'ship'), (3, 'rail');
				INSERT INTO strict VALUES (1);
				INSERT INTO strict_bill VALUES (1);
				INSERT INTO strict_item VALUES (1, 'i')""");
		application.jdbc().sql("INSERT INTO visits VALUES (:t, 1), (:t, 2)").param("t", TENANT).update();
		application.jdbc()
			.sql("INSERT INTO visitors VALUES (:t, 1, 'Ada'), (:t, 1, 'Bob'), (:t, 2, 'Cyd')")
			.param("t", TENANT)
			.update();
	}

	@ParameterizedTest
	@EnumSource(DeletionMode.class)
	void anAggregateOfOneRowIsReadThroughTheMapping(DeletionMode mode) {
		List<User> users = delete(User.class, Criteria.where("email").like("a%"), mode).rows();
		assertThat(users).singleElement().satisfies((ada) -> {
			assertThat(ada.id).isEqualTo(new UserId(1));
			assertThat(ada.email).isEqualTo("ada@example.org");
			assertThat(ada.balance).isEqualTo(new Money(new BigDecimal("1.50")));
			assertThat(ada.home).isEqualTo(new Address("Rome", "001"));
			assertThat(ada.boss).isEqualTo(AggregateReference.to(new UserId(2)));
			assertThat(ada.tags).containsExactly("a", "b");
			assertThat(ada.mood).isEqualTo(Mood.CALM);
			assertThat(ada.deletionTime != null).isEqualTo(mode != DeletionMode.HARD);
			assertThat(ada.greeting).isEqualTo("Hello ada@example.org");
		});
		assertThat(delete(User.class, Criteria.where("boss").is(AggregateReference.to(new UserId(2))), mode).rows())
			.isEmpty();
		assertThat(delete(User.class, Criteria.where("id").is(new UserId(2)), mode).rows()).singleElement()
			.satisfies((bob) -> {
				assertThat(bob.home).isNull();
				assertThat(bob.boss).isNull();
				assertThat(bob.mood).isNull();
			});
	}

	@ParameterizedTest
	@EnumSource(DeletionMode.class)
	void anAggregateOfSeveralTablesComesBackWhole(DeletionMode mode) {
		Set<Order> found = Set
			.copyOf(application.bean(JdbcAggregateOperations.class).findAllById(List.of(1L, 3L), Order.class));
		DeletedRows<Order> deleted = delete(Order.class, Criteria.where("id").in(1L, 3L), mode);
		assertThat(deleted.rows()).hasSize(2).containsExactlyInAnyOrderElementsOf(found);
		assertThat(deleted.result().rows()).isEqualTo(2);
		assertThat(found).anySatisfy((order) -> {
			assertThat(order.lines()).extracting(Line::text).containsExactly("a", "b");
			assertThat(order.notes()).containsExactlyInAnyOrder(new Note("x"), new Note("y"));
			assertThat(order.shipping()).isEqualTo(new Shipping("ship"));
		});
		assertThat(application.liveIds("orders")).containsExactly(2L);
		if (mode != DeletionMode.HARD) {
			assertThat(deleted.result().cascaded()).isEqualTo(Map.of("public.order_line", 2L));
			assertThat(application.deletes().restore(deleted.result().operationId()).rows()).isEqualTo(2);
			assertThat(application.liveIds("orders")).containsExactly(1L, 2L, 3L);
		}
	}

	@ParameterizedTest
	@EnumSource(DeletionMode.class)
	void anAggregateOfSeveralTablesMayHaveACompositeId(DeletionMode mode) {
		VisitId first = new VisitId(new Tenant(TENANT), 1);
		DeletedRows<Visit> deleted = inMode(application.deletes().from(Visit.class).byId(first), mode, Visit.class);
		assertThat(deleted.rows()).containsExactly(new Visit(first, Set.of(new Visitor("Ada"), new Visitor("Bob"))));
		assertThat(application.jdbc()
			.sql("SELECT number FROM visits WHERE deletion_time IS NULL")
			.query(Long.class)
			.single()).isEqualTo(2);
	}

	@Test
	void aTableGivesAggregatesToo() {
		assertThat(application.deletes().from("orders").byId(1).returning(Order.class).execute().rows()).singleElement()
			.satisfies((order) -> assertThat(order.lines()).hasSize(2));
		assertThat(application.deletes().from("public.users").byId(1).returning(User.class).execute().rows())
			.singleElement()
			.satisfies((user) -> assertThat(user.home).isEqualTo(new Address("Rome", "001")));
	}

	@Test
	void aReferenceIsComparedByTheConverterOfItsId() {
		assertThat(
				delete(User.class, Criteria.where("boss").is(AggregateReference.to(new UserId(2))), DeletionMode.HARD)
					.rows())
			.extracting((user) -> user.id)
			.containsExactly(new UserId(1));
		assertThat(delete(User.class, Criteria.where("boss").in(new UserId(1)), DeletionMode.HARD).rows()).isEmpty();
	}

	@Test
	void otherTypesAreReadByTheNamesOfTheirColumns() {
		assertThat(application.deletes().from(Order.class).byId(1).returning(OrderName.class).execute().rows())
			.containsExactly(new OrderName(1, "one"));
		assertThat(application.deletes().from(User.class).byId(2).returning(Map.class).execute().rows()).singleElement()
			.satisfies((row) -> assertThat(row).containsEntry("mail", "bob@example.org"));
		assertThat(application.deletes().from("orders").byId(2).returning(Strict.class).execute().rows())
			.extracting(Strict::id)
			.containsExactly(2L);
		application.transactions()
			.executeWithoutResult((status) -> assertThat(
					application.deletes().from("orders").byId(3).returning(Nowhere.class).execute().rows())
				.containsExactly(new Nowhere(3, "three")));
	}

	@Test
	void deletedAggregatesAreNotReturnedAgainUnlessTheyAreIncluded() {
		assertThat(delete(Order.class, Criteria.where("name").like("t%"), DeletionMode.SOFT).rows()).hasSize(2);
		assertThat(delete(Order.class, Criteria.where("name").like("%"), DeletionMode.SOFT).rows())
			.extracting(Order::id)
			.containsExactly(1L);
		DeletedRows<Order> none = delete(Order.class, Criteria.where("name").like("%"), DeletionMode.SOFT);
		assertThat(none.rows()).isEmpty();
		assertThat(none.result().rows()).isZero();
		assertThat(application.deletes()
			.from(Order.class)
			.all()
			.includingDeleted()
			.returning(Order.class)
			.execute()
			.rows()).hasSize(3);
		assertThat(application.deletes().from(Order.class).all().hard().returning(Order.class).execute().rows())
			.hasSize(3);
	}

	@Test
	void moreAggregatesThanAStatementTakesComeBackOnceEach() {
		application.jdbc().sql("INSERT INTO orders SELECT n, 'many' FROM generate_series(1001, 3500) n").update();
		List<Order> orders = delete(Order.class, Criteria.where("name").is("many"), DeletionMode.SOFT).rows();
		assertThat(orders).extracting(Order::id)
			.containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1001, 3500).mapToObj((n) -> (long) n).toList());
	}

	@Test
	void anAggregateThatIsMappedToAViewOfLiveRowsIsReadBeforeItIsHidden() {
		DeletedRows<LiveOrder> deleted = delete(LiveOrder.class, Criteria.where("id").in(1L, 3L), DeletionMode.SOFT);
		assertThat(deleted.rows()).hasSize(2)
			.anySatisfy((order) -> assertThat(order.lines()).extracting(Line::text).containsExactly("a", "b"));
		assertThat(application.liveIds("orders")).containsExactly(2L);
		assertThat(delete(LiveOrder.class, Criteria.where("id").is(2L), DeletionMode.HARD).rows()).hasSize(1);
	}

	@Test
	void rowsThatTheViewHidesAreNotDeletedWithoutBeingReturned() {
		delete(LiveOrder.class, Criteria.where("id").is(1L), DeletionMode.SOFT);
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("INSERT INTO orders VALUES (4, 'four')").update();
			assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(
					() -> application.deletes().from(LiveOrder.class).all().hard().returning(LiveOrder.class).execute())
				.withMessageContaining("of 4 rows of table public.orders")
				.withMessageContaining("sees 3")
				.withMessageContaining(LiveOrder.class.getName());
		});
		assertThat(application.ids("orders")).containsExactly(1L, 2L, 3L, 4L);
	}

	@Test
	void aColumnThatOnlyTheMappedViewHasIsReadFromTheView() {
		assertThat(delete(WideUser.class, Criteria.where("id").is(1L), DeletionMode.HARD).rows())
			.containsExactly(new WideUser(1L, 15));
		assertThat(application.jdbc().sql("SELECT user_id FROM users").query(Long.class).list()).containsExactly(2L);
	}

	@Test
	void onlyAggregatesOfSeveralTablesCostMoreStatements() {
		application.jdbc().sql("INSERT INTO users SELECT generate_series(11, 12)").update();
		assertThat(statements(User.class, 11, User.class)).hasSameSizeAs(statements(User.class, 12, Map.class));
		application.jdbc().sql("INSERT INTO orders SELECT generate_series(11, 12)").update();
		List<?> found = StatementRecorder
			.record(() -> application.bean(JdbcAggregateOperations.class).findAllById(List.of(11L), Order.class));
		assertThat(statements(Order.class, 11, Order.class))
			.hasSize(statements(Order.class, 12, Map.class).size() + found.size() + 1);
	}

	private static List<?> statements(Class<?> target, long id, Class<?> rowType) {
		application.deletes().from(target).byId(-1L).hard().returning(rowType).execute();
		return StatementRecorder.record(
				() -> assertThat(application.deletes().from(target).byId(id).hard().returning(rowType).execute().rows())
					.hasSize(1));
	}

	@Test
	void whatIsRefusedLeavesTheCallersTransactionUsable() {
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("INSERT INTO strict VALUES (2)").update();
			assertThatExceptionOfType(RestrictedDeletionException.class).isThrownBy(() -> application.deletes()
				.from(StrictWithItems.class)
				.all()
				.soft()
				.returning(StrictWithItems.class)
				.execute());
		});
		assertThat(application.liveIds("strict")).containsExactly(1L, 2L);
	}

	@Test
	void aTriggerThatKeepsRowsIsNotPassedOver() {
		application.jdbc()
			.sql("""
					CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL\\; END'"""
				.replace("\\;", ";"))
			.update();
		application.jdbc()
			.sql("CREATE TRIGGER keep BEFORE DELETE ON orders FOR EACH ROW WHEN (OLD.id = 1) EXECUTE FUNCTION keep()")
			.update();
		try {
			assertThatExceptionOfType(UnsupportedTableException.class)
				.isThrownBy(() -> delete(Order.class, Criteria.where("id").in(1L, 2L), DeletionMode.HARD))
				.withMessageContaining("trigger")
				.withMessageContaining("1 of 2");
			assertThat(application.ids("orders")).containsExactly(1L, 2L, 3L);
		}
		finally {
			application.jdbc().sql("DROP FUNCTION keep() CASCADE").update();
		}
	}

	@Test
	void aRowThatChangesWhileTheDeleteWaitsIsReturnedAsItWasDeletedOrNotAtAll() throws Exception {
		CompletableFuture<DeletedRows<Order>> deleting = application.transactions().execute((status) -> {
			application.jdbc().sql("UPDATE orders SET name = 'changed' WHERE id = 1").update();
			application.jdbc().sql("UPDATE orders SET name = 'gone' WHERE id = 2").update();
			CompletableFuture<DeletedRows<Order>> waiting = CompletableFuture.supplyAsync(
					() -> delete(Order.class, Criteria.where("name").in("one", "two", "changed"), DeletionMode.SOFT),
					TreeTables.THREADS);
			application.awaitLockWaiter();
			return waiting;
		});
		DeletedRows<Order> deleted = Objects.requireNonNull(deleting).get(5, TimeUnit.MINUTES);
		assertThat(deleted.rows()).extracting(Order::name).containsExactly("changed");
		assertThat(deleted.result().rows()).isOne();
		assertThat(application.liveIds("orders")).containsExactly(2L, 3L);
	}

	private static <T> DeletedRows<T> delete(Class<T> type, Criteria criteria, DeletionMode mode) {
		return inMode(application.deletes().from(type).where(criteria), mode, type);
	}

	private static <T> DeletedRows<T> inMode(DeleteOperations.Mode step, DeletionMode mode, Class<T> type) {
		return switch (mode) {
			case HARD -> step.hard().returning(type).execute();
			case SOFT -> step.soft().returning(type).execute();
			case SCHEDULED -> step.scheduled().returning(type).execute();
		};
	}

	@Table("users")
	static class User {

		@Id
		@Column("user_id")
		private UserId id;

		@Column("mail")
		private String email;

		private Money balance;

		@Embedded.Nullable(prefix = "home_")
		private @Nullable Address home;

		private @Nullable AggregateReference<User, UserId> boss;

		private List<String> tags;

		private @Nullable Mood mood;

		@ReadOnlyProperty
		private @Nullable Instant deletionTime;

		@Transient
		private String greeting;

	}

	/**
	 * A mapping that leads from views to the tables behind them.
	 */
	static class ViewMapping extends JdbcAggregateMapping {

		ViewMapping(JdbcMappingContext context, ObjectProvider<JdbcConverter> converter,
				ObjectProvider<JdbcAggregateOperations> aggregates, ApplicationContext applicationContext) {
			super(context, converter::getIfUnique, aggregates::getIfUnique,
					() -> EntityCallbacks.create(applicationContext));
		}

		@Override
		public TableName tableOf(Class<?> aggregateRoot) {
			TableName table = super.tableOf(aggregateRoot);
			return TableName.parse(table.toString().replaceFirst("(live|wide)_", ""));
		}

	}

	@Table("live_orders")
	record LiveOrder(@Id Long id, String name,
			@MappedCollection(idColumn = "orders", keyColumn = "orders_key") List<Line> lines) {
	}

	@Table("wide_users")
	record WideUser(@Id @Column("user_id") Long id, int mailLength) {
	}

	record UserId(long value) {
	}

	record Money(BigDecimal amount) {
	}

	record Address(String city, String zip) {
	}

	enum Mood {

		CALM

	}

	@Table("orders")
	record Order(@Id Long id, String name, List<Line> lines, Set<Note> notes, @Nullable Shipping shipping) {
	}

	@Table("order_line")
	record Line(String text) {
	}

	@Table("notes")
	record Note(String note) {
	}

	@Table("shipping")
	record Shipping(String carrier) {
	}

	record OrderName(long id, String name) {
	}

	record Nowhere(@Id long id, String name) {
	}

	@Table("visits")
	record Visit(@Id VisitId id, @MappedCollection Set<Visitor> visitors) {
	}

	record VisitId(Tenant tenant, long number) {
	}

	record Tenant(UUID value) {
	}

	@Table("visitors")
	record Visitor(String name) {
	}

	@Table("strict")
	record Strict(@Id Long id) {
	}

	@Table("strict")
	record StrictWithItems(@Id Long id, @MappedCollection(idColumn = "strict") Set<Item> items) {
	}

	@Table("strict_item")
	record Item(String name) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Converters {

		@Bean
		JdbcCustomConversions jdbcCustomConversions(JdbcDialect dialect) {
			return JdbcCustomConversions.of(dialect,
					List.of(ConverterBuilder.writing(UserId.class, Long.class, UserId::value).andReading(UserId::new),
							ConverterBuilder.writing(Money.class, BigDecimal.class, Money::amount)
								.andReading(Money::new),
							ConverterBuilder.writing(Tenant.class, UUID.class, Tenant::value).andReading(Tenant::new)));
		}

		@Bean
		AggregateMapping aggregateMapping(JdbcMappingContext context, ObjectProvider<JdbcConverter> converter,
				ObjectProvider<JdbcAggregateOperations> aggregates, ApplicationContext applicationContext) {
			return new ViewMapping(context, converter, aggregates, applicationContext);
		}

		@Bean
		AfterConvertCallback<User> greeting() {
			return (user) -> {
				user.greeting = "Hello " + user.email;
				return user;
			};
		}

	}

}
