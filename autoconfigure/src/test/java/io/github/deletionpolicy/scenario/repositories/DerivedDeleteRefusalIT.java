package io.github.deletionpolicy.scenario.repositories;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Lazy;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Limit;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.relational.core.mapping.Embedded;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.Repository;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * A derived delete that cannot follow the policy of its table.
 */
@ExtendWith(OutputCaptureExtension.class)
class DerivedDeleteRefusalIT {

	private static final String PACKAGE = DerivedDeleteRefusalIT.class.getName() + "$";

	private TestDatabase database;

	@BeforeEach
	void twoNotes() {
		this.database = TestDatabase.create();
		this.database.execute(
				"""
						CREATE TABLE notes (id bigint PRIMARY KEY, text text, deletion_time timestamptz);
						CREATE TABLE places (country text, number bigint, deletion_time timestamptz, PRIMARY KEY (country, number));
						INSERT INTO notes VALUES (1, 'a'), (2, 'b')""");
	}

	@ParameterizedTest
	@ValueSource(classes = { First.class, Top.class, Sorted.class, Paged.class, Limited.class, Later.class,
			Shorts.class, Arrays.class, Texts.class, Views.class, Projected.class })
	void whatCannotObeyStopsTheStart(Class<?> repository) {
		assertThatException().isThrownBy(() -> start(repository).close())
			.havingRootCause()
			.isInstanceOf(InvalidDeletionPolicyException.class)
			.withMessageContainingAll(PACKAGE + repository.getSimpleName() + ".delete", "derived delete",
					"table notes, whose policy is soft ", "deletion-policy.tables.notes.mode",
					"deletes.from(Note.class).where(...)", "deletion-policy.repositories.derived-deletes=warn");
	}

	@Test
	void aggregatesWithAnIdOfSeveralColumnsAreReturned() {
		try (Application application = start(Places.class, "deletion-policy.tables.places.mode=soft")) {
			application.jdbc().sql("INSERT INTO places VALUES ('NO', 1), ('NO', 2), ('SE', 1)").update();
			assertThat(application.bean(Places.class).deleteByIdCountry("NO")).extracting(Place::id)
				.containsExactlyInAnyOrder(new PlaceId("NO", 1), new PlaceId("NO", 2));
			assertThat(application.jdbc()
				.sql("SELECT count(*) FROM places WHERE deletion_time IS NULL")
				.query(Long.class)
				.single()).isOne();
		}
	}

	@Test
	void theyCanBeDeletedByPartsOfTheirIdAllTheSame() {
		try (Application application = start(CountedPlaces.class, "deletion-policy.tables.places.mode=soft")) {
			application.jdbc().sql("INSERT INTO places VALUES ('NO', 1), ('NO', 2), ('SE', 1)").update();
			assertThat(application.bean(CountedPlaces.class).deleteByIdCountry("NO")).isEqualTo(2);
			assertThat(application.jdbc()
				.sql("SELECT country FROM places WHERE deletion_time IS NULL")
				.query(String.class)
				.list()).containsExactly("SE");
		}
	}

	@Test
	void aWarningLeavesTheMethodToSpringData(CapturedOutput output) {
		try (Application application = start(Limited.class, "deletion-policy.repositories.derived-deletes=warn")) {
			assertThat(output.getOut()).contains("Limited.deleteByText(String, Limit)")
				.contains("The method removes rows for good.");
			application.bean(Limited.class).deleteByText("a", Limit.of(1));
			assertThat(application.ids("notes")).containsExactly(2L);
			assertThat(StringUtils.countOccurrencesOf(output.getOut(), "is a derived delete from")).isOne();
		}
	}

	@Test
	void nothingIsSaidIfThatIsWanted(CapturedOutput output) {
		try (Application application = start(Limited.class, "deletion-policy.repositories.derived-deletes=ignore")) {
			application.bean(Limited.class).deleteByText("a", Limit.of(1));
			assertThat(application.ids("notes")).containsExactly(2L);
			assertThat(output.getOut()).doesNotContain("derived delete");
		}
	}

	@Test
	void withoutAPolicyForItsTableARepositoryIsNotLookedAt() {
		try (Application application = Application.of(this.database, "deletion-policy.tables.places.mode=soft")
			.with(Limited.Repositories.class)
			.start()) {
			application.bean(Limited.class).deleteByText("a", Limit.of(1));
			assertThat(application.ids("notes")).containsExactly(2L);
		}
	}

	@Test
	void whereNoPolicyIsInForceEveryRepositoryStarts() {
		try (Application application = start(Limited.class, "deletion-policy.enabled=false")) {
			application.bean(Limited.class).deleteByText("a", Limit.of(1));
			assertThat(application.ids("notes")).containsExactly(2L);
		}
	}

	@Test
	void aRepositoryThatIsMadeLateIsRefusedThen() {
		try (Application application = start(Late.class)) {
			assertThatException().isThrownBy(() -> application.bean(Late.class))
				.havingRootCause()
				.isInstanceOf(InvalidDeletionPolicyException.class)
				.withMessageContaining("Late.deleteFirstByText(String)");
		}
	}

	private Application start(Class<?> repository, String... properties) {
		Class<?> configuration = repository.getDeclaredClasses()[0];
		String[] all = new String[properties.length + 1];
		all[0] = "deletion-policy.tables.notes.mode=soft";
		System.arraycopy(properties, 0, all, 1, properties.length);
		return Application.of(this.database, all).with(configuration).start();
	}

	@Table("notes")
	record Note(@Id long id, String text) {
	}

	interface TextView {

		String getText();

	}

	@Table("places")
	record Place(@Id @Embedded.Nullable PlaceId id) {
	}

	record PlaceId(String country, long number) {
	}

	interface First extends Repository<Note, Object> {

		void deleteFirst3ByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = First.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = First.class))
		class Repositories {

		}

	}

	interface Top extends Repository<Note, Object> {

		int deleteTopByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Top.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Top.class))
		class Repositories {

		}

	}

	interface Sorted extends Repository<Note, Object> {

		int deleteByText(String text, Sort sort);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Sorted.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Sorted.class))
		class Repositories {

		}

	}

	interface Paged extends Repository<Note, Object> {

		List<Note> deleteByText(String text, Pageable page);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Paged.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Paged.class))
		class Repositories {

		}

	}

	interface Limited extends Repository<Note, Object> {

		int deleteByText(String text, Limit limit);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Limited.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Limited.class))
		class Repositories {

		}

	}

	interface Later extends Repository<Note, Object> {

		CompletableFuture<Integer> deleteByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Later.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Later.class))
		class Repositories {

		}

	}

	interface Shorts extends Repository<Note, Object> {

		short deleteByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Shorts.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Shorts.class))
		class Repositories {

		}

	}

	interface Arrays extends Repository<Note, Object> {

		Note[] deleteByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Arrays.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Arrays.class))
		class Repositories {

		}

	}

	interface Texts extends Repository<Note, Object> {

		List<String> deleteByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Texts.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Texts.class))
		class Repositories {

		}

	}

	interface Views extends Repository<Note, Object> {

		List<TextView> deleteByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Views.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Views.class))
		class Repositories {

		}

	}

	interface Projected extends Repository<Note, Object> {

		<T> List<T> deleteByText(String text, Class<T> type);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Projected.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Projected.class))
		class Repositories {

		}

	}

	interface Places extends Repository<Place, Object> {

		List<Place> deleteByIdCountry(String country);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Places.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Places.class))
		class Repositories {

		}

	}

	interface CountedPlaces extends Repository<Place, Object> {

		int deleteByIdCountry(String country);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = CountedPlaces.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = CountedPlaces.class))
		class Repositories {

		}

	}

	@Lazy
	interface Late extends Repository<Note, Object> {

		int deleteFirstByText(String text);

		@Configuration(proxyBeanMethods = false)
		@EnableJdbcRepositories(basePackageClasses = Late.class, considerNestedRepositories = true,
				includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Late.class))
		class Repositories {

		}

	}

}
