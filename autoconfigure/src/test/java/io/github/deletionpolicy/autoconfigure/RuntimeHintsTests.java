package io.github.deletionpolicy.autoconfigure;

import java.io.IOException;
import java.util.stream.Stream;

import io.github.deletionpolicy.purge.PurgeJob;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.simpl.SimpleThreadPool;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

class RuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@BeforeEach
	void registerAsTheFrameworkDoes() {
		register(this.hints, getClass().getClassLoader());
	}

	private static void register(RuntimeHints hints, ClassLoader classLoader) {
		SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter((registrar) -> registrar.getClass().getName().startsWith("io.github.deletionpolicy."))
			.forEach((registrar) -> registrar.registerHints(hints, classLoader));
	}

	@Test
	void everyScriptOfTheRecordsTablesIsNamed() throws IOException {
		Resource[] scripts = new PathMatchingResourcePatternResolver()
			.getResources("classpath*:io/github/deletionpolicy/**/*.sql");
		assertThat(scripts).hasSizeGreaterThanOrEqualTo(2);
		Stream.of(scripts)
			.map(Resource::getFilename)
			.forEach((name) -> assertThat(
					RuntimeHintsPredicates.resource().forResource("io/github/deletionpolicy/ledger/postgresql/" + name))
				.accepts(this.hints));
	}

	@Test
	void whatQuartzSpellsOutIsNamed() throws NoSuchMethodException {
		for (Class<?> type : new Class<?>[] { PurgeJob.class, PostgreSQLDelegate.class, SimpleThreadPool.class }) {
			assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(type.getConstructor()))
				.accepts(this.hints);
		}
	}

	@Test
	void withoutQuartzNothingOfItIsNamed() {
		RuntimeHints without = new RuntimeHints();
		register(without, new FilteredClassLoader("org.quartz"));
		assertThat(without.reflection().typeHints()).isEmpty();
	}

}
