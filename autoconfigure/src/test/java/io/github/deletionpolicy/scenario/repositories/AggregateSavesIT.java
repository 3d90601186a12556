package io.github.deletionpolicy.scenario.repositories;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import io.github.deletionpolicy.data.PolicyAggregateTemplate;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.repositories.RepositoryDeletesIT.Album;
import io.github.deletionpolicy.scenario.repositories.RepositoryDeletesIT.Sticker;
import io.github.deletionpolicy.scenario.repositories.RepositoryDeletesIT.Track;
import io.github.deletionpolicy.scenario.StatementRecorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * To save an aggregate replaces the rows of its children, and no policy turns that into a
 * delete.
 */
class AggregateSavesIT {

	private static final String SCHEMA = """
			CREATE TABLE album (id bigint PRIMARY KEY, title text, deletion_time timestamptz);
			CREATE TABLE track (album bigint NOT NULL REFERENCES album, album_key int NOT NULL, name text,
				deletion_time timestamptz, PRIMARY KEY (album, album_key));
			CREATE TABLE sticker (album bigint NOT NULL REFERENCES album, text text)""";

	@RegisterExtension
	private static final Application without = application("deletion-policy.enabled=false");

	@RegisterExtension
	private static final Application soft = application("deletion-policy.tables.album.mode=soft",
			"deletion-policy.tables.track.mode=scheduled", "deletion-policy.tables.track.delay=30d");

	@RegisterExtension
	private static final Application scheduled = application("deletion-policy.tables.album.mode=scheduled",
			"deletion-policy.tables.album.delay=30d");

	private static Application application(String... properties) {
		return Application.of(SCHEMA, properties).with(StatementRecorder.Recording.class);
	}

	@ParameterizedTest
	@EnumSource
	void sendsWhatItSendsWithoutTheStarter(Save save) {
		String expected = outcome(without, save);
		assertThat(outcome(soft, save)).isEqualTo(expected);
		assertThat(outcome(scheduled, save)).isEqualTo(expected);
		assertThat(expected).contains("DELETE FROM \"track\"", "DELETE FROM \"sticker\"");
	}

	@Test
	void itIsDonePastNoPolicy() {
		assertThat(soft.bean(JdbcAggregateTemplate.class)).isInstanceOf(PolicyAggregateTemplate.class);
		outcome(soft, Save.LESS);
		assertThat(soft.operations()).isZero();
		assertThat(soft.jdbc().sql("SELECT name FROM track ORDER BY 1").query(String.class).list())
			.containsExactly("new", "track", "track");
	}

	@Test
	void aMarkedChildIsReplacedWithTheOthers() {
		outcome(soft, Save.LESS);
		soft.deletes().from("track").where(Criteria.where("album").is(2)).execute();
		assertThat(soft.operations()).isOne();
		soft.bean(JdbcAggregateTemplate.class).save(Save.album(2, "again"));
		assertThat(soft.jdbc().sql("SELECT name FROM track WHERE album = 2").query(String.class).list())
			.containsExactly("again");
		assertThat(soft.jdbc()
			.sql("SELECT count(*) FROM track WHERE deletion_time IS NOT NULL")
			.query(Long.class)
			.single()).isZero();
		assertThat(soft.purgeAfter(Duration.ofDays(31))).isZero();
		assertThat(soft.jdbc().sql("SELECT count(*) FROM track").query(Long.class).single()).isEqualTo(2);
	}

	private static String outcome(Application application, Save save) {
		if (application != without) {
			application.jdbc().sql("TRUNCATE deletion_operation, deletion_chunk").update();
		}
		application.jdbc().sql("TRUNCATE album, track, sticker").update();
		application.jdbc().sql("""
				INSERT INTO album SELECT i, 'album' FROM generate_series(1, 2) i;
				INSERT INTO track SELECT i, n, 'track' FROM generate_series(1, 2) i, generate_series(0, 1) n;
				INSERT INTO sticker SELECT i, 'sticker' FROM generate_series(1, 2) i""").update();
		List<String> lines = new ArrayList<>();
		StatementRecorder.record(() -> save.work.accept(application.bean(JdbcAggregateTemplate.class)))
			.forEach((statement) -> lines.add(statement + " <- "
					+ statement.parameters()
						.stream()
						.map((setter) -> Arrays.deepToString(setter.arguments()))
						.toList()));
		for (String table : List.of("album", "track", "sticker")) {
			lines.addAll(application.jdbc()
				.sql("SELECT '%s ' || t::text FROM %s t ORDER BY 1".formatted(table, table))
				.query(String.class)
				.list());
		}
		return String.join("\n", lines);
	}

	enum Save {

		LESS((template) -> template.save(album(1, "new"))),

		NONE((template) -> template.save(album(1))),

		MORE((template) -> template.save(album(1, "one", "two", "three"))),

		SEVERAL((template) -> template.saveAll(List.of(album(1, "new"), album(2)))),

		UPDATE((template) -> template.update(album(2, "new"))),

		UPDATES((template) -> template.updateAll(List.of(album(1), album(2, "new"))));

		private final Consumer<JdbcAggregateTemplate> work;

		Save(Consumer<JdbcAggregateTemplate> work) {
			this.work = work;
		}

		private static Album album(long id, String... tracks) {
			return new Album(id, "changed", Arrays.stream(tracks).map(Track::new).toList(), Set.of(new Sticker("new")));
		}

	}

}
