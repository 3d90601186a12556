package io.github.deletionpolicy.scenario.repositories;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.repository.support.JdbcRepositoryFactoryBean;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.CrudRepository;
import org.springframework.data.repository.ListCrudRepository;
import org.springframework.data.repository.ListPagingAndSortingRepository;
import org.springframework.data.repository.PagingAndSortingRepository;
import org.springframework.data.repository.Repository;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A delete of Spring Data JDBC does what the same call on {@code DeleteTemplate} does.
 */
class RepositoryDeletesIT {

	/**
	 * Tracks can be marked, stickers cannot.
	 */
	private static final String SCHEMA = """
			CREATE TABLE album (id bigint PRIMARY KEY, title text, deletion_time timestamptz);
			CREATE TABLE track (album bigint NOT NULL REFERENCES album, album_key int NOT NULL, name text,
				deletion_time timestamptz, PRIMARY KEY (album, album_key));
			CREATE TABLE sticker (album bigint NOT NULL REFERENCES album, text text)""";

	private static final String FIVE_ALBUMS = """
			INSERT INTO album SELECT i, 'album ' || i, CASE WHEN i = 5 THEN timestamptz '2020-01-01' END
				FROM generate_series(1, 5) i;
			INSERT INTO track SELECT i, n, 'track ' || n, CASE WHEN i = 5 THEN timestamptz '2020-01-01' END
				FROM generate_series(1, 5) i, generate_series(0, 1) n;
			INSERT INTO sticker SELECT i, 'sticker' FROM generate_series(1, 5) i""";

	private static final Map<DeletionMode, Application> applications = new EnumMap<>(DeletionMode.class);

	@BeforeAll
	static void start() {
		for (DeletionMode mode : DeletionMode.values()) {
			TestDatabase database = TestDatabase.create();
			database.jdbc().sql(SCHEMA).update();
			String policy = "deletion-policy.tables.album.";
			String[] properties = (mode != DeletionMode.SCHEDULED) ? new String[] { policy + "mode=" + mode }
					: new String[] { policy + "mode=scheduled", policy + "delay=30d" };
			applications.put(mode, Application.of(database, properties).with(Repositories.class).start());
		}
	}

	@AfterAll
	static void stop() {
		applications.values().forEach(Application::close);
	}

	static Stream<Arguments> calls() {
		return Stream.of(DeletionMode.values())
			.flatMap((mode) -> Stream.of(Path.values())
				.flatMap((path) -> Stream.of(Delete.values()).map((delete) -> Arguments.of(mode, path, delete))));
	}

	@ParameterizedTest
	@MethodSource("calls")
	void doesWhatTheDeleteTemplateDoes(DeletionMode mode, Path path, Delete delete) {
		Application application = applications.get(mode);
		String expected = outcome(application, () -> delete.call.accept(application.deletes()));
		String actual = outcome(application, () -> path.call.accept(application, delete));
		assertThat(actual).isEqualTo(expected).contains(delete.outcome);
		assertThat(expected).contains(
				(mode != DeletionMode.HARD) ? mode + " TABLE" : "[]\nRowsDeletedEvent[table=public.album, mode=HARD");
	}

	/**
	 * Return the rows, the ledger and the events after a call, without what differs from
	 * call to call.
	 */
	private static String outcome(Application application, Runnable call) {
		Heard heard = application.bean(Heard.class);
		application.jdbc().sql("TRUNCATE album, track, sticker, deletion_operation, deletion_chunk").update();
		application.jdbc().sql(FIVE_ALBUMS).update();
		heard.events.clear();
		call.run();
		return "%s\n%s\n%s".formatted(rows(application), ledger(application), String.join("\n", heard.events));
	}

	private static List<String> rows(Application application) {
		return application.jdbc()
			.sql("""
					SELECT concat_ws(' ', 'album', a.id, o.mode, a.deletion_time IS NOT NULL, a.deletion_time = '2020-01-01')
						FROM album a LEFT JOIN deletion_operation o ON o.token = a.deletion_time
					UNION ALL SELECT concat_ws(' ', 'track', album, album_key, o.mode, t.deletion_time IS NOT NULL,
						t.deletion_time = '2020-01-01')
						FROM track t LEFT JOIN deletion_operation o ON o.token = t.deletion_time
					UNION ALL SELECT concat_ws(' ', 'sticker', album) FROM sticker
					ORDER BY 1""")
			.query(String.class)
			.list();
	}

	private static List<String> ledger(Application application) {
		return application.jdbc()
			.sql("""
					SELECT concat_ws(' ', dense_rank() OVER (ORDER BY o.token), o.mode, o.source, o.delay, o.purge_at - o.token,
						o.reason, t.schema_name, t.table_name, t.time_column, c.root, c.key_count, c.state,
						(SELECT array_agg(k ORDER BY k) FROM unnest(c.keys_bigint) k), c.keys_uuid, c.keys_json,
						c.next_attempt - o.purge_at, c.superseded)
					FROM deletion_operation o LEFT JOIN deletion_chunk c ON c.operation_id = o.id
					LEFT JOIN deletion_table t ON t.id = c.table_id ORDER BY 1""")
			.query(String.class)
			.list();
	}

	/**
	 * What an application deletes through.
	 */
	enum Path {

		CRUD(Crud.class, CrudRepository::delete, CrudRepository::deleteById, CrudRepository::deleteAllById,
				CrudRepository::deleteAll, CrudRepository::deleteAll),

		LIST_CRUD(ListCrud.class, ListCrudRepository::delete, ListCrudRepository::deleteById,
				ListCrudRepository::deleteAllById, ListCrudRepository::deleteAll, ListCrudRepository::deleteAll),

		PAGING(Paging.class, Paging::delete, Paging::deleteById, Paging::deleteAllById, Paging::deleteAll,
				Paging::deleteAll),

		LIST_PAGING(ListPaging.class, ListPaging::delete, ListPaging::deleteById, ListPaging::deleteAllById,
				ListPaging::deleteAll, ListPaging::deleteAll),

		DECLARED(Declared.class, Declared::delete, Declared::deleteById, Declared::deleteAllById, Declared::deleteAll,
				Declared::deleteAll),

		TEMPLATE(JdbcAggregateTemplate.class, JdbcAggregateTemplate::delete,
				(template, id) -> template.deleteById(id, Album.class),
				(template, ids) -> template.deleteAllById(ids, Album.class), JdbcAggregateTemplate::deleteAll,
				(template) -> template.deleteAll(Album.class));

		private final BiConsumer<Application, Delete> call;

		<R> Path(Class<R> type, BiConsumer<R, Album> delete, BiConsumer<R, Long> deleteById,
				BiConsumer<R, List<Long>> deleteAllById, BiConsumer<R, List<Album>> deleteInstances,
				Consumer<R> deleteAll) {
			this.call = (application, wanted) -> {
				R bean = application.bean(type);
				switch (wanted) {
					case INSTANCE -> delete.accept(bean, album(2));
					case ID -> deleteById.accept(bean, 2L);
					case IDS -> deleteAllById.accept(bean, List.of(2L, 3L, 5L, 9L));
					case INSTANCES -> deleteInstances.accept(bean, List.of(album(2), album(3), album(5), album(9)));
					case ALL -> deleteAll.accept(bean);
				}
			};
		}

		private static Album album(long id) {
			return new Album(id, "as read", List.of(), Set.of());
		}

	}

	/**
	 * Album 5 was deleted before, and 9 never existed.
	 */
	enum Delete {

		INSTANCE((deletes) -> deletes.from(Album.class).byId(2).execute(), "rows=1"),

		ID((deletes) -> deletes.from(Album.class).byId(2).execute(), "rows=1"),

		IDS((deletes) -> deletes.from(Album.class).byIds(List.of(2, 3, 5, 9)).execute(), "album"),

		INSTANCES((deletes) -> deletes.from(Album.class).byIds(List.of(2, 3, 5, 9)).execute(), "album"),

		ALL((deletes) -> deletes.from(Album.class).all().execute(), "public.album");

		private final Consumer<DeleteOperations> call;

		private final String outcome;

		Delete(Consumer<DeleteOperations> call, String outcome) {
			this.call = call;
			this.outcome = outcome;
		}

	}

	@Table("album")
	record Album(@Id @Nullable Long id, String title, List<Track> track, Set<Sticker> sticker) {
	}

	record Track(String name) {
	}

	record Sticker(String text) {
	}

	interface Crud extends CrudRepository<Album, Long> {

	}

	interface ListCrud extends ListCrudRepository<Album, Long> {

	}

	interface Paging extends PagingAndSortingRepository<Album, Long>, CrudRepository<Album, Long> {

	}

	interface ListPaging extends ListPagingAndSortingRepository<Album, Long>, ListCrudRepository<Album, Long> {

	}

	/**
	 * Shows as much of {@code CrudRepository} as the application wants.
	 */
	interface Declared extends Repository<Album, Long> {

		void delete(Album album);

		void deleteById(Long id);

		void deleteAllById(Iterable<? extends Long> ids);

		void deleteAll(Iterable<? extends Album> albums);

		void deleteAll();

	}

	@Configuration(proxyBeanMethods = false)
	static class Repositories {

		@Bean
		static JdbcRepositoryFactoryBean<Crud, Album, Long> crud() {
			return new JdbcRepositoryFactoryBean<>(Crud.class);
		}

		@Bean
		static JdbcRepositoryFactoryBean<ListCrud, Album, Long> listCrud() {
			return new JdbcRepositoryFactoryBean<>(ListCrud.class);
		}

		@Bean
		static JdbcRepositoryFactoryBean<Paging, Album, Long> paging() {
			return new JdbcRepositoryFactoryBean<>(Paging.class);
		}

		@Bean
		static JdbcRepositoryFactoryBean<ListPaging, Album, Long> listPaging() {
			return new JdbcRepositoryFactoryBean<>(ListPaging.class);
		}

		@Bean
		static JdbcRepositoryFactoryBean<Declared, Album, Long> declared() {
			return new JdbcRepositoryFactoryBean<>(Declared.class);
		}

		@Bean
		Heard heard() {
			return new Heard();
		}

	}

	/**
	 * The events of deletes, without what differs from call to call.
	 */
	static class Heard {

		private final List<String> events = new ArrayList<>();

		@EventListener
		void deleted(RowsDeletedEvent event) {
			DeletionResult result = event.result();
			this.events
				.add("RowsDeletedEvent[table=%s, mode=%s, source=%s, rows=%d, deleted=%s, delay=%s, cascaded=%s]"
					.formatted(event.table(), result.mode(), result.source(), result.rows(),
							result.deletionTime() != null,
							(result.deletionTime() != null && result.purgeAt() != null)
									? Duration.between(result.deletionTime(), result.purgeAt()) : null,
							result.cascaded()));
		}

	}

}
