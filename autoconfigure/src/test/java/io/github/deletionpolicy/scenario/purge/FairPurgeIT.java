package io.github.deletionpolicy.scenario.purge;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A table with a million due rows does not keep one with ten waiting.
 */
class FairPurgeIT {

	private static final int FEW = 10;

	private static final List<PurgedRows> told = new CopyOnWriteArrayList<>();

	@BeforeEach
	void nothingIsTold() {
		told.clear();
	}

	/**
	 * Whichever of them was known first, and however the ten were deleted.
	 */
	@ParameterizedTest
	@CsvSource({ "big, small, 1000000, false", "small, big, 100000, true" })
	void tenDueRowsGoWithinTheFirstBatchesOfAMillionOthers(String first, String second, int many, boolean oneByOne) {
		try (Application application = Application.of("""
				CREATE TABLE big (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE small (id bigint PRIMARY KEY, deletion_time timestamptz)""").start()) {
			insert(application, first, many);
			delete(application, first, oneByOne);
			insert(application, second, many);
			delete(application, second, oneByOne);
			try (Application purger = Application.of(application.database(), "deletion-policy.purge.max-runtime=1h")
				.with(Listeners.class)
				.start()) {
				assertThat(purger.bean(Purger.class).purge().total()).isEqualTo(many + FEW);
			}
			assertThat(application.ids("big")).isEmpty();
			assertThat(application.ids("small")).isEmpty();
		}
		List<String> tables = told.stream().map(PurgedRows::table).toList();
		long batchesBefore = tables.subList(0, tables.lastIndexOf("public.small"))
			.stream()
			.filter("public.big"::equals)
			.count();
		assertThat(tables.stream().filter("public.big"::equals).count()).isGreaterThanOrEqualTo(many / 1000);
		assertThat(told.stream()
			.filter((rows) -> rows.table().equals("public.small"))
			.flatMap((rows) -> rows.keys().stream())).hasSize(FEW).doesNotHaveDuplicates();
		assertThat(batchesBefore).isLessThanOrEqualTo(3);
	}

	private static void insert(Application application, String table, int many) {
		application.jdbc()
			.sql("INSERT INTO %s SELECT generate_series(1, ?)".formatted(table))
			.param(table.equals("big") ? many : FEW)
			.update();
	}

	private static void delete(Application application, String table, boolean oneByOne) {
		if (table.equals("small") && oneByOne) {
			for (int id = 1; id <= FEW; id++) {
				application.deletes().from(table).byId(id).scheduled().execute();
			}
		}
		else {
			application.deletes().from(table).all().scheduled().execute();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		@Bean
		PurgeListener recordingListener() {
			return told::add;
		}

	}

}
