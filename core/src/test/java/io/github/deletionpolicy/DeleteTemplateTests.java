package io.github.deletionpolicy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.DeletionRequest.Subject;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DeleteTemplateTests {

	private static final DeletionPolicy SCHEDULED_USERS = DeletionPolicy.scheduled("users", Duration.ofDays(30));

	private static final Subject USERS = new Subject.Table("users");

	private final RecordingDeletionExecutor executor = new RecordingDeletionExecutor("public");

	@Nested
	class WhichMode {

		@ParameterizedTest(name = "call {0}, policy {1}: {2} by {3} after {4}")
		@CsvSource({
				// call, policy, mode, source, delay
				"none, none, HARD, FALLBACK, PT0S", "none, hard, HARD, TABLE, PT0S", "none, soft, SOFT, TABLE, PT0S",
				"none, scheduled 0, SCHEDULED, TABLE, PT0S", "none, scheduled 30d, SCHEDULED, TABLE, PT720H",

				"hard, none, HARD, CALL, PT0S", "hard, hard, HARD, CALL, PT0S", "hard, soft, HARD, CALL, PT0S",
				"hard, scheduled 0, HARD, CALL, PT0S", "hard, scheduled 30d, HARD, CALL, PT0S",

				"soft, none, SOFT, CALL, PT0S", "soft, hard, SOFT, CALL, PT0S", "soft, soft, SOFT, CALL, PT0S",
				"soft, scheduled 0, SOFT, CALL, PT0S", "soft, scheduled 30d, SOFT, CALL, PT0S",

				"scheduled, none, SCHEDULED, CALL, PT0S", "scheduled, hard, SCHEDULED, CALL, PT0S",
				"scheduled, soft, SCHEDULED, CALL, PT0S", "scheduled, scheduled 0, SCHEDULED, CALL, PT0S",
				"scheduled, scheduled 30d, SCHEDULED, CALL, PT720H",

				"scheduled 7d, none, SCHEDULED, CALL, PT168H", "scheduled 7d, hard, SCHEDULED, CALL, PT168H",
				"scheduled 7d, soft, SCHEDULED, CALL, PT168H", "scheduled 7d, scheduled 0, SCHEDULED, CALL, PT168H",
				"scheduled 7d, scheduled 30d, SCHEDULED, CALL, PT168H",

				"scheduled 0, none, SCHEDULED, CALL, PT0S", "scheduled 0, hard, SCHEDULED, CALL, PT0S",
				"scheduled 0, soft, SCHEDULED, CALL, PT0S", "scheduled 0, scheduled 0, SCHEDULED, CALL, PT0S",
				"scheduled 0, scheduled 30d, SCHEDULED, CALL, PT0S" })
		void callGoesBeforeTheTableAndTheTableBeforeHard(String call, String policy, DeletionMode mode,
				ModeSource source, Duration delay) {
			DeletionResult result = say(deletes(policiesFor(policy)).from("users").byId(1), call).execute();
			DeletionRequest request = DeleteTemplateTests.this.executor.lastRequest();
			assertThat(request.mode()).isEqualTo(mode);
			assertThat(request.source()).isEqualTo(source);
			assertThat(request.delay()).isEqualTo(delay);
			assertThat(result.mode()).isEqualTo(mode);
			assertThat(result.source()).isEqualTo(source);
		}

		@Test
		void classWhoseAnnotationWasNotFoundAtTheStartIsNeverHardByFallback() {
			assertThatExceptionOfType(UnsupportedTableException.class)
				.isThrownBy(() -> deletes().from(Kept.class).byId(1).execute())
				.withMessageContaining("@Deletion(mode = SOFT)")
				.withMessageContaining("@EntityScan");
			assertThat(deletes().from(Kept.class).byId(1).hard().execute().source()).isEqualTo(ModeSource.CALL);
			assertThat(deletes(DeletionPolicy.hard("kept")).from(Kept.class).byId(1).execute().source())
				.isEqualTo(ModeSource.TABLE);
		}

		@Test
		void previewAndReturningDecideLikeExecute() {
			DeleteOperations.Mode step = deletes(SCHEDULED_USERS).from("users").byId(1);
			step.execute();
			DeletionRequest executed = DeleteTemplateTests.this.executor.lastRequest();
			assertThat(step.preview().mode()).isEqualTo(DeletionMode.SCHEDULED);
			assertThat(DeleteTemplateTests.this.executor.lastRequest()).isEqualTo(executed);
			assertThat(step.returning(String.class).execute().result().source()).isEqualTo(ModeSource.TABLE);
			assertThat(DeleteTemplateTests.this.executor.lastRequest()).isEqualTo(executed);
			assertThat(DeleteTemplateTests.this.executor.asked).contains(String.class);
		}

		@Test
		void policyOfTheTableThatTheConnectionMeansDecides() {
			DeletionPolicy shop = DeletionPolicy.soft("shop.users");
			DeletionPolicy crm = DeletionPolicy.scheduled("crm.users", Duration.ofDays(1));
			assertThat(requestIn("shop", shop, crm).policy()).isSameAs(shop);
			assertThat(requestIn("crm", shop, crm).policy()).isSameAs(crm);
			assertThat(requestIn("public", shop, crm).mode()).isEqualTo(DeletionMode.HARD);
			assertThat(requestIn("public", shop, crm).source()).isEqualTo(ModeSource.FALLBACK);
			assertThat(requestIn("shop", SCHEDULED_USERS, shop).policy()).isSameAs(shop);
			assertThat(requestIn("public", SCHEDULED_USERS, shop).policy()).isSameAs(SCHEDULED_USERS);
		}

		private DeletionRequest requestIn(String schema, DeletionPolicy... policies) {
			RecordingDeletionExecutor executor = new RecordingDeletionExecutor(schema);
			new DeleteTemplate(declare(policies), executor).from("Users").all().execute();
			assertThat(executor.lastRequest().table().name()).isEqualTo(new TableName(schema, "users"));
			return executor.lastRequest();
		}

		@Test
		void policyOfAnAggregatesTableDecides() {
			deletes(SCHEDULED_USERS).from(Users.class).byId(1).execute();
			DeletionRequest request = DeleteTemplateTests.this.executor.lastRequest();
			assertThat(request.selection().subject()).isEqualTo(new Subject.Aggregate(Users.class));
			assertThat(request.table().name()).isEqualTo(new TableName("public", "users"));
			assertThat(request.mode()).isEqualTo(DeletionMode.SCHEDULED);
		}

		@Test
		void policyThatIsChangedLaterDecidesLaterCalls() {
			List<DeletionPolicy> current = new ArrayList<>(List.of(DeletionPolicy.soft("users")));
			DeletionPolicyRegistry registry = new DeletionPolicyRegistry() {

				@Override
				public DeletionPolicy policyFor(String table) {
					return current.get(0);
				}

				@Override
				public List<DeletionPolicy> policies() {
					return current;
				}

			};
			DeleteOperations.Mode step = new DeleteTemplate(registry, DeleteTemplateTests.this.executor).from("users")
				.byId(1);
			assertThat(step.execute().mode()).isEqualTo(DeletionMode.SOFT);
			current.set(0, DeletionPolicy.hard("users"));
			assertThat(step.execute().mode()).isEqualTo(DeletionMode.HARD);
		}

	}

	@Nested
	class ExecuteAsync {

		@ParameterizedTest
		@ValueSource(strings = { "users", "Users", "\"users\"", "public.users", "PUBLIC.\"users\"" })
		void isRefusedBeforeTheExecutorIsAskedForAnythingIfTheTableIsScheduled(String table) {
			DeleteOperations.Mode step = deletes(SCHEDULED_USERS).from(table).byId(1);
			for (Runnable async : new Runnable[] { step::executeAsync,
					() -> step.executeAsync(new AsyncOptions(10, Duration.ZERO)), step.reason("r")::executeAsync,
					step.cascade(CascadeMode.NONE)::executeAsync, step.includingDeleted()::executeAsync }) {
				assertThatExceptionOfType(AsyncScheduledDeletionException.class).isThrownBy(async::run)
					.withMessageContaining(TableName.parse(table).toString())
					.withMessageContaining("said for users")
					.withMessageContaining(".hard().executeAsync()");
			}
			assertThat(DeleteTemplateTests.this.executor.asked).isEmpty();
		}

		@Test
		void refusalIsAMisuseOfTheApi() {
			assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
				.isThrownBy(() -> deletes(SCHEDULED_USERS).from("users").all().executeAsync());
		}

		@Test
		void isRefusedUnaskedForAQualifiedNameWhateverTheOtherSchemasSay() {
			DeletionPolicy shop = DeletionPolicy.scheduled("shop.users", Duration.ofDays(1));
			assertThatExceptionOfType(AsyncScheduledDeletionException.class)
				.isThrownBy(() -> deletes(DeletionPolicy.soft("users"), shop).from("shop.users").all().executeAsync())
				.withMessageContaining("said for shop.users");
			assertThat(DeleteTemplateTests.this.executor.asked).isEmpty();
		}

		@Test
		void isRefusedForAnAggregateOfAScheduledTableAndNothingIsRecorded() {
			assertThatExceptionOfType(AsyncScheduledDeletionException.class)
				.isThrownBy(() -> deletes(SCHEDULED_USERS).from(Users.class).all().executeAsync())
				.withMessageContaining("public.users")
				.withMessageContaining("said for users");
			assertThat(DeleteTemplateTests.this.executor.asked).containsExactly(new Subject.Aggregate(Users.class));
		}

		@Test
		void isRefusedOnceTheConnectionSaysThatAScheduledTableIsMeant() {
			RecordingDeletionExecutor executor = new RecordingDeletionExecutor("shop");
			DeleteTemplate deletes = new DeleteTemplate(
					declare(DeletionPolicy.soft("users"), DeletionPolicy.scheduled("shop.users", Duration.ofDays(1))),
					executor);
			assertThatExceptionOfType(AsyncScheduledDeletionException.class)
				.isThrownBy(() -> deletes.from("users").all().executeAsync())
				.withMessageContaining("shop.users");
			assertThat(executor.asked).containsExactly(new Subject.Table("users"));
		}

		@Test
		void isNotRefusedForANamesakeInAnotherSchema() {
			DeletionPolicy shop = DeletionPolicy.scheduled("shop.users", Duration.ofDays(1));
			deletes(shop).from("users").all().executeAsync();
			assertThat(DeleteTemplateTests.this.executor.lastRequest().table().name())
				.isEqualTo(new TableName("public", "users"));
			assertThat(DeleteTemplateTests.this.executor.lastRequest().mode()).isEqualTo(DeletionMode.HARD);
		}

		@ParameterizedTest
		@ValueSource(strings = { "none", "hard", "soft", "scheduled 0", "scheduled 30d" })
		void passesWithTheModesOfTheCall(String policy) {
			DeleteOperations.Mode step = deletes(policiesFor(policy)).from("users").byId(1);
			assertThat(step.hard().executeAsync().operationId()).isEqualTo(RecordingDeletionExecutor.OPERATION);
			assertThat(DeleteTemplateTests.this.executor.lastRequest().mode()).isEqualTo(DeletionMode.HARD);
			assertThat(DeleteTemplateTests.this.executor.lastRequest().source()).isEqualTo(ModeSource.CALL);
			step.soft().executeAsync();
			assertThat(DeleteTemplateTests.this.executor.lastRequest().mode()).isEqualTo(DeletionMode.SOFT);
			assertThat(DeleteTemplateTests.this.executor.lastRequest().source()).isEqualTo(ModeSource.CALL);
		}

		@ParameterizedTest
		@CsvSource({ "none, HARD, FALLBACK", "hard, HARD, TABLE", "soft, SOFT, TABLE" })
		void passesWithAModeOfTheTableThatIsNotScheduled(String policy, DeletionMode mode, ModeSource source) {
			deletes(policiesFor(policy)).from("users").byId(1).executeAsync();
			assertThat(DeleteTemplateTests.this.executor.lastRequest().mode()).isEqualTo(mode);
			assertThat(DeleteTemplateTests.this.executor.lastRequest().source()).isEqualTo(source);
		}

		@Test
		void handsItsOptionsOn() {
			AsyncOptions options = new AsyncOptions(10, Duration.ofMillis(5));
			deletes().from("users").all().executeAsync(options);
			deletes().from("users").all().executeAsync();
			assertThat(DeleteTemplateTests.this.executor.asked).filteredOn(AsyncOptions.class::isInstance)
				.containsExactly(options, AsyncOptions.defaults());
		}

	}

	@Nested
	class Options {

		static Stream<Function<DeleteOperations.Mode, DeleteOperations.Step<?>>> allThreeInAnyOrder() {
			return Stream.of((step) -> step.soft().reason("r").cascade(CascadeMode.NONE).includingDeleted(),
					(step) -> step.soft().reason("r").includingDeleted().cascade(CascadeMode.NONE),
					(step) -> step.soft().cascade(CascadeMode.NONE).reason("r").includingDeleted(),
					(step) -> step.soft().cascade(CascadeMode.NONE).includingDeleted().reason("r"),
					(step) -> step.soft().includingDeleted().reason("r").cascade(CascadeMode.NONE),
					(step) -> step.soft().includingDeleted().cascade(CascadeMode.NONE).reason("r"),
					(step) -> step.reason("r").soft().cascade(CascadeMode.NONE).includingDeleted(),
					(step) -> step.cascade(CascadeMode.NONE).reason("r").soft().includingDeleted(),
					(step) -> step.includingDeleted().cascade(CascadeMode.NONE).reason("r").soft());
		}

		@ParameterizedTest
		@MethodSource("allThreeInAnyOrder")
		void keepTheModeAndEachOther(Function<DeleteOperations.Mode, DeleteOperations.Step<?>> options) {
			options.apply(deletes(SCHEDULED_USERS).from("users").byId(1)).execute();
			DeletionRequest request = DeleteTemplateTests.this.executor.lastRequest();
			assertThat(request.mode()).isEqualTo(DeletionMode.SOFT);
			assertThat(request.source()).isEqualTo(ModeSource.CALL);
			assertThat(request.reason()).isEqualTo("r");
			assertThat(request.cascade()).isEqualTo(CascadeMode.NONE);
			assertThat(request.includingDeleted()).isTrue();
		}

		@Test
		void keepAnExplicitDelay() {
			deletes(SCHEDULED_USERS).from("users")
				.byId(1)
				.reason("r")
				.scheduled(Duration.ZERO)
				.cascade(CascadeMode.NONE)
				.includingDeleted()
				.execute();
			DeletionRequest request = DeleteTemplateTests.this.executor.lastRequest();
			assertThat(request.mode()).isEqualTo(DeletionMode.SCHEDULED);
			assertThat(request.delay()).isZero();
			assertThat(request.reason()).isEqualTo("r");
		}

		@Test
		void keepAnExplicitHardInTheBackground() {
			deletes(SCHEDULED_USERS).from("users").byId(1).hard().reason("r").executeAsync();
			assertThat(DeleteTemplateTests.this.executor.lastRequest().mode()).isEqualTo(DeletionMode.HARD);
			assertThat(DeleteTemplateTests.this.executor.lastRequest().reason()).isEqualTo("r");
		}

		@Test
		void areOffUnlessSaid() {
			deletes().from("users").byId(1).execute();
			DeletionRequest request = DeleteTemplateTests.this.executor.lastRequest();
			assertThat(request.reason()).isNull();
			assertThat(request.cascade()).isEqualTo(CascadeMode.CATALOG);
			assertThat(request.includingDeleted()).isFalse();
		}

		@Test
		void giveANewStepAndLeaveTheOldOneAsItWas() {
			DeleteOperations.Mode step = deletes(SCHEDULED_USERS).from("users").byId(1);
			step.execute();
			DeletionRequest before = DeleteTemplateTests.this.executor.lastRequest();
			step.hard().reason("hard").execute();
			step.soft().cascade(CascadeMode.NONE).execute();
			step.scheduled(Duration.ofDays(1)).includingDeleted().execute();
			step.reason("r").cascade(CascadeMode.NONE).includingDeleted().execute();
			step.execute();
			assertThat(DeleteTemplateTests.this.executor.lastRequest()).isEqualTo(before);
			assertThat(DeleteTemplateTests.this.executor.asked).filteredOn(DeletionRequest.class::isInstance)
				.extracting((request) -> ((DeletionRequest) request).mode())
				.containsExactly(DeletionMode.SCHEDULED, DeletionMode.HARD, DeletionMode.SOFT, DeletionMode.SCHEDULED,
						DeletionMode.SCHEDULED, DeletionMode.SCHEDULED);
		}

		@Test
		void aloneDoNothing() {
			deletes(SCHEDULED_USERS).from("users")
				.byId(1)
				.reason("r")
				.scheduled()
				.includingDeleted()
				.returning(Map.class);
			assertThat(DeleteTemplateTests.this.executor.asked).isEmpty();
		}

	}

	@Nested
	class WhichRows {

		@Test
		void areHandedOnAsSaid() {
			DeleteOperations.Target users = deletes().from("users");
			Criteria criteria = Criteria.where("email").is("a@example.org");
			assertThat(selectionOf(users.byId(7))).isEqualTo(new Selection.ByIds(USERS, List.of(7)));
			assertThat(selectionOf(users.byIds(List.of(1, 2)))).isEqualTo(new Selection.ByIds(USERS, List.of(1, 2)));
			assertThat(selectionOf(users.byIds(List.of()))).isEqualTo(new Selection.ByIds(USERS, List.of()));
			assertThat(selectionOf(users.where(criteria))).isEqualTo(new Selection.ByCriteria(USERS, criteria));
			assertThat(selectionOf(users.all())).isEqualTo(new Selection.All(USERS));
		}

		private Selection selectionOf(DeleteOperations.Mode step) {
			step.execute();
			return DeleteTemplateTests.this.executor.lastRequest().selection();
		}

		@Test
		void areThoseOfTheMomentTheyWereSaid() {
			List<Integer> ids = new ArrayList<>(List.of(1, 2));
			DeleteOperations.Mode step = deletes().from("users").byIds(ids);
			ids.add(3);
			assertThat(selectionOf(step)).isEqualTo(new Selection.ByIds(USERS, List.of(1, 2)));
		}

		@Test
		void doNotIncludeNull() {
			DeleteTemplate deletes = deletes();
			for (Runnable selection : new Runnable[] { () -> deletes.from("users").byId(null),
					() -> deletes.from("users").byIds(Arrays.asList(1, null)),
					() -> deletes.restoreFrom("users").byId(null),
					() -> deletes.restoreFrom("users").byIds(Arrays.asList(1, null)) }) {
				assertThatExceptionOfType(InvalidIdException.class).isThrownBy(selection::run)
					.withMessageContaining("null");
			}
		}

		@Test
		void areNotAllIfTheCriteriaIsNull() {
			DeleteTemplate deletes = deletes();
			for (Runnable selection : new Runnable[] { () -> deletes.from("users").where(null),
					() -> deletes.restoreFrom("users").where(null) }) {
				assertThatExceptionOfType(InvalidCriteriaException.class).isThrownBy(selection::run)
					.withMessageContaining("null");
			}
		}

	}

	@Nested
	class DelayOfACall {

		@Test
		void isNotNegative() {
			DeleteOperations.Mode step = deletes().from("users").byId(1);
			assertThatExceptionOfType(InvalidDelayException.class)
				.isThrownBy(() -> step.scheduled(Duration.ofNanos(-1)))
				.withMessageContaining("is negative")
				.withMessageContaining("Duration.ofDays(30)");
		}

		@Test
		void isNotLongerThanATimestampCanHold() {
			DeleteOperations.Mode step = deletes().from("users").byId(1);
			assertThat(step.scheduled(DeletionPolicy.Scheduled.MAX_DELAY)).isNotNull();
			assertThatExceptionOfType(InvalidDelayException.class)
				.isThrownBy(() -> step.scheduled(DeletionPolicy.Scheduled.MAX_DELAY.plusNanos(1)))
				.withMessageContaining("longer than 365000 days");
		}

	}

	@Nested
	class Restore {

		@Test
		void isHandedOnByOperationAndByRow() {
			UUID operation = UUID.randomUUID();
			Criteria criteria = Criteria.where("id").is(1);
			DeleteTemplate deletes = deletes(SCHEDULED_USERS);
			deletes.restore(operation);
			deletes.restoreFrom("users").byId(1).execute();
			deletes.restoreFrom(Users.class).where(criteria).execute();
			Subject aggregate = new Subject.Aggregate(Users.class);
			assertThat(DeleteTemplateTests.this.executor.asked).containsExactly(operation, USERS,
					new TableName("public", "users"), SCHEDULED_USERS, new Selection.ByIds(USERS, List.of(1)),
					aggregate, new TableName("public", "users"), SCHEDULED_USERS,
					new Selection.ByCriteria(aggregate, criteria));
		}

		@Test
		void doesNothingBeforeItIsExecuted() {
			deletes().restoreFrom("users").byIds(List.of(1, 2));
			assertThat(DeleteTemplateTests.this.executor.asked).isEmpty();
		}

	}

	private DeleteTemplate deletes(DeletionPolicy... policies) {
		return new DeleteTemplate(declare(policies), this.executor);
	}

	private static DeletionPolicyRegistry declare(DeletionPolicy... policies) {
		return new DeclaredDeletionPolicies(Stream.of(policies)
			.map((policy) -> new DeclaredDeletionPolicies.Declaration(policy, "said for " + policy.table()))
			.toList());
	}

	private static DeletionPolicy[] policiesFor(String policy) {
		return switch (policy) {
			case "none" -> new DeletionPolicy[0];
			case "hard" -> new DeletionPolicy[] { DeletionPolicy.hard("users") };
			case "soft" -> new DeletionPolicy[] { DeletionPolicy.soft("users") };
			case "scheduled 0" -> new DeletionPolicy[] { DeletionPolicy.scheduled("users", Duration.ZERO) };
			case "scheduled 30d" -> new DeletionPolicy[] { SCHEDULED_USERS };
			default -> throw new IllegalArgumentException(policy);
		};
	}

	private static DeleteOperations.Step<?> say(DeleteOperations.Mode step, String mode) {
		return switch (mode) {
			case "none" -> step;
			case "hard" -> step.hard();
			case "soft" -> step.soft();
			case "scheduled" -> step.scheduled();
			case "scheduled 7d" -> step.scheduled(Duration.ofDays(7));
			case "scheduled 0" -> step.scheduled(Duration.ZERO);
			default -> throw new IllegalArgumentException(mode);
		};
	}

	private static final class Users {

	}

	@Deletion(mode = DeletionMode.SOFT)
	private static final class Kept {

	}

}
