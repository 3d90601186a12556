package io.github.deletionpolicy.scenario.repositories;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.event.EventListener;
import org.springframework.dao.IncorrectResultSizeDataAccessException;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.relational.core.mapping.Embedded;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.CrudRepository;
import org.springframework.data.repository.Repository;
import org.springframework.data.util.Streamable;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What Spring Data derives a delete from the name of goes by the policy.
 */
class DerivedDeletesIT {

	private static final List<RowsDeletedEvent> events = new CopyOnWriteArrayList<>();

	@RegisterExtension
	private static final Application application = Application
		.of("""
				CREATE TYPE rank AS ENUM ('LOW', 'HIGH');
				CREATE TABLE users (id bigint PRIMARY KEY, name text, age int, active boolean, rank rank, city text,
					deletion_time timestamptz);
				CREATE TABLE notes (id bigint PRIMARY KEY, text text, deletion_time timestamptz);
				CREATE TABLE logs (id bigint PRIMARY KEY, text text);
				CREATE TABLE plain (id bigint PRIMARY KEY, text text);
				CREATE TABLE orders (id bigint PRIMARY KEY, state text);
				CREATE TABLE item (orders bigint NOT NULL REFERENCES orders, orders_key int NOT NULL, text text);
				CREATE TABLE tasks (id bigint PRIMARY KEY, user_id bigint REFERENCES notes ON DELETE RESTRICT,
					deletion_time timestamptz)""", "deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=30d", "deletion-policy.tables.notes.mode=soft",
				"deletion-policy.tables.logs.mode=hard", "deletion-policy.tables.orders.mode=hard")
		.with(Repositories.class);

	private static Users users;

	@BeforeAll
	static void beans() {
		users = application.bean(Users.class);
	}

	@BeforeEach
	void fourUsersOfWhomOneIsDeleted() {
		application.jdbc()
			.sql("TRUNCATE users, notes, tasks, logs, plain, orders, item, deletion_operation," + " deletion_chunk")
			.update();
		application.jdbc().sql("""
				INSERT INTO users VALUES (1, 'Ada', 36, true, 'HIGH', 'Oslo', NULL),
					(2, 'Bob', 20, false, 'LOW', 'Bergen', NULL), (3, 'ada', NULL, NULL, 'LOW', NULL, NULL),
					(4, 'Ada', 20, true, 'LOW', 'Oslo', '2020-01-01T00:00:00Z')""").update();
		application.jdbc().sql("INSERT INTO notes VALUES (1, 'a'), (2, 'b')").update();
		application.jdbc().sql("INSERT INTO logs VALUES (1, 'a'), (2, 'b'), (3, 'a')").update();
		application.jdbc().sql("INSERT INTO plain VALUES (1, 'a'), (2, 'b')").update();
		events.clear();
	}

	@Test
	void aScheduledPolicyIsObeyed() {
		Instant deletedBefore = application.deletionTime("users", 4);
		assertThat(users.deleteByName("Ada")).isOne();
		assertThat(application.ids("users")).containsExactly(1L, 2L, 3L, 4L);
		assertThat(application.liveIds("users")).containsExactly(2L, 3L);
		assertThat(application.deletionTime("users", 4)).isEqualTo(deletedBefore);
		assertThat(application.purgeAfter(Duration.ofDays(29))).isZero();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
		assertThat(application.ids("users")).containsExactly(2L, 3L, 4L);
	}

	@Test
	void aSoftPolicyIsObeyed() {
		application.bean(Notes.class).removeByText("a");
		assertThat(application.liveIds("notes")).containsExactly(2L);
		assertThat(application.purgeAfter(Duration.ofDays(9999))).isZero();
		assertThat(application.ids("notes")).containsExactly(1L, 2L);
	}

	@Test
	void aHardPolicyIsObeyed() {
		assertThat(application.bean(Logs.class).deleteByText("a")).isEqualTo(2);
		assertThat(application.ids("logs")).containsExactly(2L);
		assertThat(events).singleElement().extracting((it) -> it.result().mode()).isEqualTo(DeletionMode.HARD);
	}

	@Test
	void aHardPolicyTakesTheChildrenOfAnAggregateAlong() {
		application.jdbc().sql("INSERT INTO orders VALUES (1, 'OPEN'), (2, 'DONE')").update();
		application.jdbc().sql("INSERT INTO item VALUES (1, 0, 'a'), (2, 0, 'b')").update();
		application.bean(Orders.class).deleteByState("DONE");
		assertThat(application.ids("orders")).containsExactly(1L);
		assertThat(application.jdbc().sql("SELECT text FROM item").query(String.class).list()).containsExactly("a");
	}

	@Test
	void aTableWithoutAPolicyIsLeftToSpringData() {
		assertThat(application.bean(Plains.class).deleteByText("a")).isOne();
		assertThat(application.ids("plain")).containsExactly(2L);
		assertThat(events).isEmpty();
	}

	@Test
	void onlyTheRowsThatMatchAreTouchedWhateverTheKeyword() {
		assertThat(users.deleteByNameAndActive("Ada", false)).isZero();
		assertThat(users.deleteByNameAndAgeOrAddressCity("Bob", 20, "Nowhere")).isOne();
		assertThat(application.liveIds("users")).containsExactly(1L, 3L);
		assertThat(users.deleteByNameIgnoreCase("ADA")).isEqualTo(2);
		assertThat(application.liveIds("users")).isEmpty();
	}

	@Test
	void rangesListsAndNullsAreCompared() {
		assertThat(users.deleteByIdIn(List.of())).isZero();
		assertThat(users.deleteByIdIn(List.of(2L, 4L, 99L))).isOne();
		assertThat(users.deleteByAgeBetween(30, 40)).isOne();
		assertThat(application.liveIds("users")).containsExactly(3L);
		assertThat(users.deleteByAgeIsNullAndActiveIsNotNull()).isZero();
		assertThat(users.deleteByAge(null)).isOne();
	}

	@Test
	void booleansEnumsAndEmbeddedValuesAreCompared() {
		assertThat(users.deleteByActiveTrueAndRank(Rank.LOW)).isZero();
		assertThat(users.deleteByActiveFalseAndRankIn(Set.of(Rank.LOW))).isOne();
		assertThat(users.deleteByAddressCity("Oslo")).isOne();
		assertThat(application.liveIds("users")).containsExactly(3L);
	}

	@Test
	void aPatternIsTakenByItsLetters() {
		application.jdbc().sql("UPDATE users SET name = '100%' WHERE id = 1").update();
		application.jdbc().sql("UPDATE users SET name = 'back\\slash' WHERE id = 2").update();
		assertThat(users.deleteByNameStartingWith("%")).isZero();
		assertThat(users.deleteByNameContaining("_")).isZero();
		assertThat(users.deleteByNameEndingWith("0\\")).isZero();
		assertThat(users.deleteByNameStartingWith("100%")).isOne();
		assertThat(users.deleteByNameContaining("k\\s")).isOne();
		assertThat(users.deleteByNameLike("a%a")).isOne();
		assertThat(application.liveIds("users")).isEmpty();
	}

	@Test
	void withoutAPredicateAllLiveRowsAreMeant() {
		assertThat(users.deleteAllBy()).isEqualTo(3);
		assertThat(application.liveIds("users")).isEmpty();
		assertThat(application.ids("users")).hasSize(4);
	}

	@Test
	void aListThatExcludesNothingIsRefused() {
		assertThatExceptionOfType(InvalidCriteriaException.class).isThrownBy(() -> users.deleteByIdNotIn(List.of()))
			.withMessageContaining("all()");
		assertThat(application.liveIds("users")).hasSize(3);
	}

	@Test
	void numbersAndAnswersAreReturned() {
		users.removeByAddressCity("Bergen");
		assertThat(application.liveIds("users")).containsExactly(1L, 3L);
		assertThat(users.removeByName("Ada")).isTrue();
		assertThat(users.removeByName("Ada")).isFalse();
		assertThat(users.removeById(3)).isEqualTo(1);
		assertThat(users.deleteByIdGreaterThan(0)).isEqualTo(0L);
	}

	@Test
	void theDeletedAggregateIsReturned() {
		assertThat(users.deleteOneByNameAndAge("Ada", 36)).extracting(User::id, User::age).containsExactly(1L, 36);
		assertThat(users.deleteOneByNameAndAge("Ada", 36)).isNull();
		assertThat(users.deleteOptionalByName("Bob")).map(User::id).contains(2L);
		assertThat(users.deleteOptionalByName("Bob")).isEmpty();
		assertThat(application.liveIds("users")).containsExactly(3L);
		assertThat(application.operations()).isEqualTo(2);
	}

	@Test
	void theDeletedAggregatesAreReturned() {
		assertThat(users.deleteListByName("Ada")).extracting(User::id).containsExactly(1L);
		assertThat(users.deleteCollectionByName("Bob")).extracting(User::id).containsExactly(2L);
		assertThat(users.deleteStreamByName("ada")).extracting(User::id).containsExactly(3L);
		assertThat(users.deleteIterableByName("ada")).isEmpty();
		application.jdbc().sql("UPDATE users SET deletion_time = NULL").update();
		assertThat(users.deleteSetByAgeIsNullOrAgeLessThan(30)).extracting(User::id)
			.containsExactlyInAnyOrder(2L, 3L, 4L);
		assertThat(users.deleteAllBy().longValue()).isOne();
		assertThat(users.deleteStreamableByName("Ada")).isEmpty();
	}

	@Test
	void aHardPolicyReturnsTheAggregatesToo() {
		assertThat(application.bean(Logs.class).removeByTextOrderById("a")).extracting(LogLine::text)
			.containsExactly("a", "a");
		assertThat(application.ids("logs")).containsExactly(2L);
	}

	@Test
	void severalRowsWhereOneIsReturnedDeleteNothing() {
		assertThatExceptionOfType(IncorrectResultSizeDataAccessException.class)
			.isThrownBy(() -> users.deleteOptionalByIdGreaterThan(1))
			.withMessageContaining("2 rows match");
		assertThat(application.liveIds("users")).hasSize(3);
		assertThat(application.operations()).isZero();
	}

	@Test
	void aTransactionMayGoOnAfterARefusal() {
		application.jdbc().sql("INSERT INTO tasks VALUES (1, 1, NULL)").update();
		application.transactions().executeWithoutResult((status) -> {
			assertThatExceptionOfType(IncorrectResultSizeDataAccessException.class)
				.isThrownBy(() -> users.deleteOptionalByIdGreaterThan(1));
			assertThatExceptionOfType(RestrictedDeletionException.class)
				.isThrownBy(() -> application.bean(Notes.class).deleteByIdLessThan(2));
			users.deleteByName("Bob");
		});
		assertThat(application.liveIds("users")).containsExactly(1L, 3L);
		assertThat(application.liveIds("notes")).containsExactly(1L, 2L);
	}

	@Test
	void aRowThatMatchesNoMoreWhenItsLockIsFreeIsSpared() {
		CompletableFuture<List<User>> deleted = new CompletableFuture<>();
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("UPDATE users SET name = 'Eve' WHERE id = 1").update();
			TreeTables.THREADS.execute(() -> {
				try {
					deleted.complete(users.deleteListByName("Ada"));
				}
				catch (RuntimeException ex) {
					deleted.completeExceptionally(ex);
				}
			});
			application.awaitLockWaiter();
		});
		assertThat(deleted.join()).isEmpty();
		assertThat(application.liveIds("users")).containsExactly(1L, 2L, 3L);
	}

	@Test
	void aRowThatChangesMeanwhileIsReturnedAsItWasDeleted() {
		CompletableFuture<List<User>> deleted = new CompletableFuture<>();
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("UPDATE users SET age = 37 WHERE id = 1").update();
			TreeTables.THREADS.execute(() -> {
				try {
					deleted.complete(users.deleteListByName("Ada"));
				}
				catch (RuntimeException ex) {
					deleted.completeExceptionally(ex);
				}
			});
			application.awaitLockWaiter();
		});
		assertThat(deleted.join()).extracting(User::age).containsExactly(37);
		assertThat(application.liveIds("users")).containsExactly(2L, 3L);
	}

	@Test
	void aRollbackLeavesNoTrace() {
		application.transactions().executeWithoutResult((status) -> {
			users.deleteByName("Ada");
			assertThat(users.deleteListByName("Bob")).hasSize(1);
			status.setRollbackOnly();
		});
		assertThat(application.liveIds("users")).containsExactly(1L, 2L, 3L);
		assertThat(application.operations()).isZero();
		assertThat(events).isEmpty();
	}

	@Test
	void aReadOnlyTransactionIsRefused() {
		TransactionTemplate readOnly = application.transactions();
		readOnly.setReadOnly(true);
		assertThatExceptionOfType(ReadOnlyDeletionException.class)
			.isThrownBy(() -> readOnly.executeWithoutResult((status) -> users.deleteByName("Ada")));
		assertThatExceptionOfType(ReadOnlyDeletionException.class)
			.isThrownBy(() -> readOnly.executeWithoutResult((status) -> users.deleteListByName("Ada")));
		assertThat(application.liveIds("users")).hasSize(3);
	}

	@Test
	void theTransactionThatAMethodDeclaresIsAroundIt() {
		assertThatExceptionOfType(IllegalTransactionStateException.class).isThrownBy(() -> users.deleteByActiveTrue());
		assertThat(application.liveIds("users")).hasSize(3);
		application.transactions().executeWithoutResult((status) -> users.deleteByActiveTrue());
		assertThat(application.liveIds("users")).containsExactly(2L, 3L);
	}

	@Test
	void aRefusalIsTyped() {
		application.jdbc().sql("INSERT INTO tasks VALUES (1, 1, NULL)").update();
		assertThatExceptionOfType(RestrictedDeletionException.class)
			.isThrownBy(() -> application.bean(Notes.class).removeByText("a"));
		assertThat(application.liveIds("notes")).hasSize(2);
	}

	@Test
	void itIsOneStatementAndOneEvent() {
		users.deleteByIdIn(List.of(1L, 2L, 3L));
		assertThat(events).singleElement().satisfies((event) -> {
			assertThat(event.table()).isEqualTo("public.users");
			assertThat(event.result().rows()).isEqualTo(3);
		});
		assertThat(application.operations()).isOne();
		assertThat(application.chunks()).isOne();
	}

	@Test
	void methodsOfTheUsersOwnAreLeftAsTheyAre() {
		assertThat(users.deleteByHand("Ada")).isEqualTo("by hand: Ada");
		assertThat(users.deleteByDefault()).isEqualTo("by default");
		assertThat(users.deleteByStatement("nobody")).isZero();
		assertThat(application.liveIds("users")).hasSize(3);
	}

	@Test
	void aMethodOfABaseInterfaceIsObeyedToo() {
		assertThat(application.bean(Notes.class).deleteByIdLessThan(2)).extracting(Note::id).containsExactly(1L);
		assertThat(application.liveIds("notes")).containsExactly(2L);
	}

	@Test
	void whereTheDatabaseNeverWasTheMethodsAreTheSame() {
		assertThat(users.findAll()).hasSize(4);
		assertThat(users.countByName("Ada")).isEqualTo(2);
	}

	enum Rank {

		LOW, HIGH

	}

	record Address(@Nullable String city) {
	}

	@Table("users")
	record User(@Id long id, String name, @Nullable Integer age, @Nullable Boolean active, Rank rank,
			@Embedded.Nullable @Nullable Address address) {
	}

	@Table("notes")
	record Note(@Id long id, String text) {
	}

	@Table("logs")
	record LogLine(@Id long id, String text) {
	}

	@Table("plain")
	record Plain(@Id long id, String text) {
	}

	@Table("orders")
	record Order(@Id long id, String state,
			@MappedCollection(idColumn = "orders", keyColumn = "orders_key") List<Item> items) {
	}

	record Item(String text) {
	}

	interface DeletesByHand {

		String deleteByHand(String name);

	}

	static class DeletesByHandImpl implements DeletesByHand {

		@Override
		public String deleteByHand(String name) {
			return "by hand: " + name;
		}

	}

	interface Users extends CrudRepository<User, Long>, DeletesByHand {

		long countByName(String name);

		int deleteByName(String name);

		long deleteByNameAndActive(String name, boolean active);

		long deleteByNameAndAgeOrAddressCity(String name, int age, String city);

		long deleteByNameIgnoreCase(String name);

		long deleteByIdIn(Collection<Long> ids);

		long deleteByIdNotIn(Collection<Long> ids);

		long deleteByAgeBetween(int from, int to);

		long deleteByAgeIsNullAndActiveIsNotNull();

		long deleteByAge(@Nullable Integer age);

		long deleteByActiveTrueAndRank(Rank rank);

		long deleteByActiveFalseAndRankIn(Collection<Rank> ranks);

		long deleteByAddressCity(String city);

		long deleteByNameStartingWith(String start);

		long deleteByNameEndingWith(String end);

		long deleteByNameContaining(String part);

		long deleteByNameLike(String pattern);

		Long deleteAllBy();

		void removeByAddressCity(String city);

		boolean removeByName(String name);

		Integer removeById(long id);

		Long deleteByIdGreaterThan(long id);

		@Nullable User deleteOneByNameAndAge(String name, int age);

		Optional<User> deleteOptionalByName(String name);

		Optional<User> deleteOptionalByIdGreaterThan(long id);

		List<User> deleteListByName(String name);

		Collection<User> deleteCollectionByName(String name);

		Iterable<User> deleteIterableByName(String name);

		Stream<User> deleteStreamByName(String name);

		Set<User> deleteSetByAgeIsNullOrAgeLessThan(int age);

		Streamable<User> deleteStreamableByName(String name);

		@Transactional(propagation = Propagation.MANDATORY)
		void deleteByActiveTrue();

		default String deleteByDefault() {
			return "by default";
		}

		@Modifying
		@Query("UPDATE users SET age = age WHERE name = :name")
		int deleteByStatement(String name);

	}

	interface Base<T> extends Repository<T, Long> {

		List<T> deleteByIdLessThan(long id);

	}

	interface Notes extends Base<Note> {

		void removeByText(String text);

	}

	interface Logs extends CrudRepository<LogLine, Long> {

		int deleteByText(String text);

		List<LogLine> removeByTextOrderById(String text);

	}

	interface Plains extends CrudRepository<Plain, Long> {

		int deleteByText(String text);

	}

	interface Orders extends CrudRepository<Order, Long> {

		void deleteByState(String state);

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(basePackageClasses = DerivedDeletesIT.class, considerNestedRepositories = true,
			includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE,
					classes = { Users.class, Notes.class, Logs.class, Plains.class, Orders.class }))
	static class Repositories {

		@Bean
		DeletesByHandImpl deletesByHandImpl() {
			return new DeletesByHandImpl();
		}

		@EventListener
		void onDelete(RowsDeletedEvent event) {
			events.add(event);
		}

	}

}
