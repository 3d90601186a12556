package io.github.deletionpolicy.scenario.repositories;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.RowsPurgedEvent;
import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.relational.core.conversion.DbAction;
import org.springframework.data.relational.core.conversion.MutableAggregateChange;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.mapping.event.AfterDeleteCallback;
import org.springframework.data.relational.core.mapping.event.BeforeDeleteCallback;
import org.springframework.data.relational.core.mapping.event.RelationalDeleteEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The events and callbacks of Spring Data JDBC around a delete under a policy.
 */
class LifecycleIT {

	private static final String SCHEMA = """
			CREATE TABLE hard_file (id bigint PRIMARY KEY);
			CREATE TABLE soft_file (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE scheduled_file (id bigint PRIMARY KEY, deletion_time timestamptz)""";

	@RegisterExtension
	private static final Application application = Application
		.of(SCHEMA, "deletion-policy.tables.hard_file.mode=hard", "deletion-policy.tables.soft_file.mode=soft",
				"deletion-policy.tables.scheduled_file.mode=scheduled",
				"deletion-policy.tables.scheduled_file.delay=30d")
		.with(Listening.class);

	private static Lifecycle lifecycle;

	@BeforeAll
	static void beans() {
		lifecycle = application.bean(Lifecycle.class);
	}

	@BeforeEach
	void threeFiles() {
		application.jdbc()
			.sql("TRUNCATE hard_file, soft_file, scheduled_file, deletion_operation, deletion_chunk")
			.update();
		for (DeletionMode mode : DeletionMode.values()) {
			application.jdbc().sql("INSERT INTO %s (id) VALUES (1), (2), (3)".formatted(table(mode))).update();
		}
		lifecycle.log.clear();
		lifecycle.before = (change) -> {
		};
	}

	@ParameterizedTest
	@EnumSource
	void aDeleteOfAnInstanceHasAllFour(DeletionMode mode) {
		File file = file(mode, 1);
		aggregates().delete(file);
		assertThat(lifecycle.log).containsExactly("BeforeDeleteEvent 1 " + file, "BeforeDeleteCallback " + file,
				"RowsDeletedEvent 1", "AfterDeleteEvent 1 " + file, "AfterDeleteCallback " + file);
	}

	@ParameterizedTest
	@EnumSource
	void aDeleteOfInstancesHasThemForEach(DeletionMode mode) {
		File one = file(mode, 1);
		File two = file(mode, 2);
		aggregates().deleteAll(List.of(one, two));
		assertThat(lifecycle.log.stream().filter((line) -> !line.startsWith("Rows"))).containsExactly(
				"BeforeDeleteEvent 1 " + one, "BeforeDeleteCallback " + one, "BeforeDeleteEvent 2 " + two,
				"BeforeDeleteCallback " + two, "AfterDeleteEvent 1 " + one, "AfterDeleteCallback " + one,
				"AfterDeleteEvent 2 " + two, "AfterDeleteCallback " + two);
		assertThat(lifecycle.log).contains("RowsDeletedEvent 2");
	}

	@ParameterizedTest
	@EnumSource
	void aDeleteByIdHasEventsWithoutInstance(DeletionMode mode) {
		aggregates().deleteById(1L, type(mode));
		assertThat(lifecycle.log).containsExactly("BeforeDeleteEvent 1 null", "RowsDeletedEvent 1",
				"AfterDeleteEvent 1 null");
		lifecycle.log.clear();
		aggregates().deleteAllById(List.of(2L, 3L), type(mode));
		assertThat(lifecycle.log).containsExactly("BeforeDeleteEvent 2 null", "BeforeDeleteEvent 3 null",
				"RowsDeletedEvent 2", "AfterDeleteEvent 2 null", "AfterDeleteEvent 3 null");
	}

	@ParameterizedTest
	@EnumSource
	void aDeleteOfAllHasNone(DeletionMode mode) {
		aggregates().deleteAll(type(mode));
		assertThat(lifecycle.log).containsExactly("RowsDeletedEvent 3");
	}

	@ParameterizedTest
	@EnumSource
	void theDeleteTemplateHasNone(DeletionMode mode) {
		application.deletes().from(type(mode)).byId(1).execute();
		assertThat(lifecycle.log).containsExactly("RowsDeletedEvent 1");
	}

	@ParameterizedTest
	@EnumSource
	void eventsCanBeSwitchedOff(DeletionMode mode) {
		aggregates().setEntityLifecycleEventsEnabled(false);
		try {
			aggregates().delete(file(mode, 1));
			aggregates().deleteById(2L, type(mode));
		}
		finally {
			aggregates().setEntityLifecycleEventsEnabled(true);
		}
		assertThat(lifecycle.log.stream().filter((line) -> !line.startsWith("Rows")))
			.containsExactly("BeforeDeleteCallback " + file(mode, 1), "AfterDeleteCallback " + file(mode, 1));
	}

	@ParameterizedTest
	@EnumSource
	void aCallbackThatThrowsKeepsTheRows(DeletionMode mode) {
		lifecycle.before = (change) -> {
			throw new IllegalStateException("not this one");
		};
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> aggregates().deleteAll(List.of(file(mode, 1), file(mode, 2))))
			.withMessage("not this one");
		assertThat(application.ids(table(mode))).containsExactly(1L, 2L, 3L);
		assertThat(application.operations()).isZero();
		assertThat(lifecycle.log).noneMatch((line) -> line.startsWith("After") || line.startsWith("Rows"));
	}

	@ParameterizedTest
	@EnumSource
	void anActionThatWouldBeLostIsRefused(DeletionMode mode) {
		lifecycle.before = (change) -> change.addAction(new DbAction.DeleteRoot<>(3L, type(mode), null));
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> aggregates().delete(file(mode, 1)))
			.withMessageContaining(type(mode).getName())
			.withMessageContaining("id 1")
			.withMessageContaining("DeleteRoot");
		assertThat(application.ids(table(mode))).containsExactly(1L, 2L, 3L);
		assertThat(application.operations()).isZero();
	}

	@Test
	void aPurgeHasNone() {
		aggregates().delete(file(DeletionMode.SCHEDULED, 1));
		lifecycle.log.clear();
		application.purgeAfter(Duration.ofDays(31));
		assertThat(application.ids("scheduled_file")).containsExactly(2L, 3L);
		assertThat(lifecycle.log).containsExactly("PurgeListener [1]", "RowsPurgedEvent 1");
	}

	@Test
	void aRestoreHasNone() {
		aggregates().delete(file(DeletionMode.SOFT, 1));
		lifecycle.log.clear();
		application.deletes().restoreFrom(SoftFile.class).byId(1).execute();
		assertThat(application.liveIds("soft_file")).containsExactly(1L, 2L, 3L);
		assertThat(lifecycle.log).isEmpty();
	}

	private static JdbcAggregateTemplate aggregates() {
		return application.bean(JdbcAggregateTemplate.class);
	}

	private static String table(DeletionMode mode) {
		return mode.name().toLowerCase(Locale.ROOT) + "_file";
	}

	private static Class<? extends File> type(DeletionMode mode) {
		return file(mode, 0).getClass();
	}

	private static File file(DeletionMode mode, long id) {
		return switch (mode) {
			case HARD -> new HardFile(id);
			case SOFT -> new SoftFile(id);
			case SCHEDULED -> new ScheduledFile(id);
		};
	}

	interface File {

	}

	@Table("hard_file")
	record HardFile(@Id Long id) implements File {
	}

	@Table("soft_file")
	record SoftFile(@Id Long id) implements File {
	}

	@Table("scheduled_file")
	record ScheduledFile(@Id Long id) implements File {
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Lifecycle lifecycle() {
			return new Lifecycle();
		}

		@Bean
		PurgeListener purgeListener(Lifecycle lifecycle) {
			return (rows) -> lifecycle.log.add("PurgeListener " + rows.keys());
		}

	}

	/**
	 * Writes down what it is told, in its order.
	 */
	static class Lifecycle implements BeforeDeleteCallback<File>, AfterDeleteCallback<File> {

		private final List<String> log = new ArrayList<>();

		private Consumer<MutableAggregateChange<File>> before = (change) -> {
		};

		@EventListener
		void on(RelationalDeleteEvent<?> event) {
			this.log.add("%s %s %s".formatted(event.getClass().getSimpleName(), event.getId().getValue(),
					event.getEntity()));
		}

		@EventListener
		void on(RowsDeletedEvent event) {
			this.log.add("RowsDeletedEvent " + event.result().rows());
		}

		@EventListener
		void on(RowsPurgedEvent event) {
			this.log.add("RowsPurgedEvent " + event.rows());
		}

		@Override
		public File onBeforeDelete(File file, MutableAggregateChange<File> change) {
			this.log.add("BeforeDeleteCallback " + file);
			this.before.accept(change);
			return file;
		}

		@Override
		public File onAfterDelete(File file) {
			this.log.add("AfterDeleteCallback " + file);
			return file;
		}

	}

}
