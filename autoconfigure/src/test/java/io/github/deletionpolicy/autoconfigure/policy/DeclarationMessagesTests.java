package io.github.deletionpolicy.autoconfigure.policy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import io.github.deletionpolicy.autoconfigure.PolicyContexts;
import io.github.deletionpolicy.autoconfigure.require.DeletionParts;
import io.github.deletionpolicy.autoconfigure.require.MissingPart;
import io.github.deletionpolicy.autoconfigure.require.TransactionManagers;
import io.github.deletionpolicy.data.RelationalAggregateMapping;
import io.github.deletionpolicy.mapping.AggregateMapping;
import jakarta.persistence.Entity;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.quartz.Scheduler;
import org.quartz.impl.StdScheduler;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanDefinitionCustomizer;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

/**
 * What somebody reads when a start is refused, word for word. The catalog's complaints
 * need a database and have their own test.
 */
class DeclarationMessagesTests {

	private static final String SNAPSHOT = "messages/declarations.txt";

	private static final BeanDefinitionCustomizer QUALIFIED = (definition) -> ((AbstractBeanDefinition) definition)
		.addQualifier(new AutowireCandidateQualifier(DeletionPolicyDataSource.class));

	private final ApplicationContextRunner whole = new ApplicationContextRunner()
		.withConfiguration(PolicyContexts.allAutoConfigurations());

	private static final DataSource OURS = outOfReach();

	private final Map<String, String> messages = new LinkedHashMap<>();

	@Test
	void everyRefusalIsWordForWordAsInTheSnapshot() throws IOException {
		properties();
		annotations();
		beans();
		parts();
		StringBuilder all = new StringBuilder();
		this.messages.forEach((title, text) -> all.append("## %s\n\n%s\n\n".formatted(title, text)));
		Path actual = Path.of("target", "declarations.txt");
		Files.writeString(actual, all.toString().stripTrailing() + "\n");
		assertThat(actual).as("The texts as they are now are in %s", actual)
			.usingCharset(StandardCharsets.UTF_8)
			.hasContent(new ClassPathResource(SNAPSHOT).getContentAsString(StandardCharsets.UTF_8));
	}

	private void properties() {
		table("no mode", "delay: 30d");
		table("scheduled without a delay", "mode: scheduled");
		table("negative delay", "mode: scheduled, delay: -1d");
		table("delay beyond all times", "mode: scheduled, delay: 400000d");
		table("delay on soft", "mode: soft, delay: 0");
		table("delay on hard", "mode: hard, delay: 0");
		table("hold on soft", "mode: soft, hold-condition: legal_hold");
		table("hold on hard", "mode: hard, hold-condition: legal_hold");
		table("blank hold", "mode: scheduled, delay: 1, hold-condition: ' '");
		table("column on hard", "mode: hard, deletion-time-column: deleted_at");
		table("view on hard", "mode: hard, live-view: live_users");
		table("column that is not a valid name", "mode: soft, deletion-time-column: users.deleted_at");
		table("view that is not a valid name", "mode: soft, live-view: a.b.c");
		table("table that is not a valid name", "mode: soft, table: 'a.b.c'");
		yaml("two entries for one table", "    users: { mode: soft }\n    people: { table: Users, mode: hard }");
		yaml("label that lost characters", "    '[users!]': { mode: soft }");
		property("interval of zero", "deletion-policy.purge.interval=0");
		property("batch without rows", "deletion-policy.purge.batch-size=0");
		property("too many workers", "deletion-policy.purge.concurrency=65");
		property("no rows per second", "deletion-policy.purge.max-rows-per-second=0");
		property("run without time", "deletion-policy.purge.max-runtime=-1s");
		property("negative retry", "deletion-policy.purge.retry-delay=-1s");
		property("negative retention", "deletion-policy.retention=-1d");
		property("schema that is not a valid name", "deletion-policy.schema.name=a.b");
		property("default column that is not a valid name", "deletion-policy.defaults.deletion-time-column=a b");
		record("variable that nothing reads", PolicyContexts.runner()
			.withInitializer(PolicyContexts.variables(Map.of("DELETIONPOLICY_TABLES_USERS_DELYA", "30d"))));
	}

	private void annotations() {
		annotation("annotation: scheduled without a delay", WithoutDelay.class);
		annotation("annotation: malformed delay", MalformedDelay.class);
		annotation("annotation: negative delay", NegativeDelay.class);
		annotation("annotation: delay on soft", DelayOnSoft.class);
		annotation("annotation: delay on hard", DelayOnHard.class);
		annotation("annotation: hold on soft", HoldOnSoft.class);
		annotation("annotation: hold on hard", HoldOnHard.class);
		annotation("annotation: blank hold", BlankHold.class);
		annotation("annotation: column on hard", ColumnOnHard.class);
		annotation("annotation: column that is not a valid name", MalformedColumn.class);
		annotation("annotation: JPA entity", JpaEntity.class);
		annotation("annotation: two classes for one table", User.class, Member.class);
		refusal("annotation: without Spring Data",
				() -> AnnotationDeclarations.of(Set.of(User.class), AggregateMapping.NONE));
	}

	private void beans() {
		record("two beans for one table",
				PolicyContexts.runner()
					.withBean("first", DeletionPolicy.class, () -> DeletionPolicy.soft("users"))
					.withBean("second", DeletionPolicy.class, () -> DeletionPolicy.hard("Users")));
		record("bean makes hard what the properties keep", PolicyContexts.runner()
			.withInitializer(
					PolicyContexts.yaml("application.yml", "deletion-policy:\n  tables:\n    users: { mode: soft }"))
			.withBean("crm", DeletionPolicy.class, () -> DeletionPolicy.hard("crm.users")));
		record("bean with a blank column", PolicyContexts.runner()
			.withBean(DeletionPolicy.class, () -> DeletionPolicy.soft("users").deletionTimeColumn(" ")));
		record("bean for no table",
				PolicyContexts.runner().withBean(DeletionPolicy.class, () -> DeletionPolicy.soft("a.b.c")));
	}

	private void parts() {
		record("no DataSource", keeping());
		record("no DataSource, many policies", keeping().withPropertyValues("deletion-policy.tables.orders.mode=soft",
				"deletion-policy.tables.persons.mode=soft", "deletion-policy.tables.invoices.mode=soft"));
		record("two DataSources", dataSource(dataSource(keeping(), "first"), "second"));
		record("two qualified DataSources", dataSource(dataSource(keeping(), "first", QUALIFIED), "second", QUALIFIED));
		record("no transaction manager", dataSource(keeping(), "first"));
		record("Flyway absent", manager(dataSource(keeping(), "first"), "manager")
			.withClassLoader(new FilteredClassLoader(Flyway.class)));
		record("database is unreachable", manager(dataSource(keeping(), "first"), "manager"));
		JdbcDataSource h2 = new JdbcDataSource();
		h2.setUrl("jdbc:h2:mem:");
		record("database of another kind", keeping().withBean(DataSource.class, () -> h2)
			.withBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(h2)));
		record("database of another kind, without the schema",
				keeping().withBean(DataSource.class, () -> h2)
					.withBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(h2))
					.withPropertyValues("deletion-policy.schema.enabled=false"));
		choice("manager of another DataSource", false, "other");
		choice("qualified manager of another DataSource", true, "other");
		choice("two managers, of other DataSources", false, "other", "third");
		choice("two managers of this DataSource", false, "ours", "ours too");
		choice("two qualified managers", true, "ours", "ours too");
		record("DeleteTemplate injected without a DataSource", this.whole.withUserConfiguration(NeedsTemplate.class));
		record("DeleteTemplate injected although disabled", this.whole.withUserConfiguration(NeedsTemplate.class)
			.withPropertyValues("deletion-policy.enabled=false"));
		scheduler("Quartz absent",
				new ApplicationContextRunner().withClassLoader(new FilteredClassLoader(Scheduler.class)));
		scheduler("no Scheduler", new ApplicationContextRunner());
		scheduler("two Schedulers", new ApplicationContextRunner()
			.withBean("clock", Scheduler.class, () -> new StdScheduler(null), (it) -> it.setLazyInit(true))
			.withBean("otherClock", Scheduler.class, () -> new StdScheduler(null), (it) -> it.setLazyInit(true)));
	}

	private void table(String title, String entry) {
		yaml(title, "    users: { " + entry + " }");
	}

	private void yaml(String title, String entries) {
		record(title, PolicyContexts.runner()
			.withInitializer(PolicyContexts.yaml("application.yml", "deletion-policy:\n  tables:\n" + entries)));
	}

	private void property(String title, String property) {
		record(title, PolicyContexts.runner()
			.withInitializer(PolicyContexts.yaml("application.yml", property.replace("=", ": "))));
	}

	private void annotation(String title, Class<?>... types) {
		refusal(title, () -> new DeclaredDeletionPolicies(AnnotationDeclarations.of(Set.of(types),
				new RelationalAggregateMapping(new RelationalMappingContext()))));
	}

	private void choice(String title, boolean qualified, String... managers) {
		ApplicationContextRunner[] runner = { new ApplicationContextRunner() };
		for (String manager : managers) {
			runner[0] = manager(runner[0], manager,
					qualified ? new BeanDefinitionCustomizer[] { QUALIFIED } : new BeanDefinitionCustomizer[0]);
		}
		runner[0].withBean("dataSource", DataSource.class, () -> OURS).run((context) -> {
			MissingPart missing = TransactionManagers
				.choose(OURS, context.getSourceApplicationContext().getBeanFactory())
				.missing();
			assertThat(missing).as(title).isNotNull();
			refusal(title, missing);
		});
	}

	private void scheduler(String title, ApplicationContextRunner runner) {
		runner.run((context) -> {
			MissingPart missing = DeletionParts
				.missingScheduler(context.getSourceApplicationContext().getBeanFactory());
			assertThat(missing).as(title).isNotNull();
			refusal(title, missing);
		});
	}

	private void refusal(String title, MissingPart missing) {
		DeletionPolicyRegistry policies = new DeclaredDeletionPolicies(
				List.of(new Declaration(DeletionPolicy.soft("users"), "application.yml, line 3")));
		refusal(title, () -> {
			missing.refuse(policies);
			return policies;
		});
	}

	private void refusal(String title, Supplier<?> declarations) {
		try {
			declarations.get();
		}
		catch (RuntimeException ex) {
			this.messages.put(title, report(ex, new DefaultListableBeanFactory(), new StandardEnvironment()));
			return;
		}
		fail("Not refused: " + title);
	}

	private void record(String title, ApplicationContextRunner runner) {
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		runner.withInitializer(started::set).run((context) -> {
			assertThat(context).as(title).hasFailed();
			this.messages.put(title, report(context.getStartupFailure(), started.get().getBeanFactory(),
					started.get().getEnvironment()));
		});
	}

	/**
	 * Ask the failure analysers of this module, found as Spring Boot finds them.
	 */
	private static String report(Throwable failure, BeanFactory beanFactory, Environment environment) {
		FailureAnalysis analysis = SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class,
					ArgumentResolver.of(BeanFactory.class, beanFactory).and(Environment.class, environment),
					(type, name, reason) -> assertThat(name).doesNotContain("deletionpolicy"))
			.stream()
			.filter((analyzer) -> analyzer.getClass().getName().startsWith("io.github.deletionpolicy."))
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(Objects::nonNull)
			.findFirst()
			.orElseThrow(() -> new AssertionError("No analysis", failure));
		return "%s\n-> %s".formatted(analysis.getDescription(), analysis.getAction());
	}

	private ApplicationContextRunner keeping() {
		return this.whole.withInitializer(
				PolicyContexts.yaml("application.yml", "deletion-policy:\n  tables:\n    users: { mode: soft }"));
	}

	private static ApplicationContextRunner dataSource(ApplicationContextRunner runner, String name,
			BeanDefinitionCustomizer... customizers) {
		return runner.withBean(name, DataSource.class, DeclarationMessagesTests::outOfReach, customizers);
	}

	private static ApplicationContextRunner manager(ApplicationContextRunner runner, String name,
			BeanDefinitionCustomizer... customizers) {
		return runner.withBean(name, PlatformTransactionManager.class,
				() -> new JdbcTransactionManager(name.startsWith("ours") ? OURS : outOfReach()), customizers);
	}

	private static DataSource outOfReach() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setServerNames(new String[] { "localhost" });
		dataSource.setPortNumbers(new int[] { 1 });
		return dataSource;
	}

	@Configuration(proxyBeanMethods = false)
	static class NeedsTemplate {

		@Bean
		String needsTemplate(DeleteTemplate deletes) {
			return deletes.toString();
		}

	}

	@Deletion(mode = DeletionMode.SCHEDULED)
	record WithoutDelay(Long id) {
	}

	@Deletion(mode = DeletionMode.SCHEDULED, delay = "30 days")
	record MalformedDelay(Long id) {
	}

	@Deletion(mode = DeletionMode.SCHEDULED, delay = "-1d")
	record NegativeDelay(Long id) {
	}

	@Deletion(mode = DeletionMode.SOFT, delay = "0")
	record DelayOnSoft(Long id) {
	}

	@Deletion(mode = DeletionMode.HARD, delay = "0")
	record DelayOnHard(Long id) {
	}

	@Deletion(mode = DeletionMode.SOFT, holdCondition = "legal_hold")
	record HoldOnSoft(Long id) {
	}

	@Deletion(mode = DeletionMode.HARD, holdCondition = "legal_hold")
	record HoldOnHard(Long id) {
	}

	@Deletion(mode = DeletionMode.SCHEDULED, delay = "1", holdCondition = " ")
	record BlankHold(Long id) {
	}

	@Deletion(mode = DeletionMode.HARD, deletionTimeColumn = "deleted_at")
	record ColumnOnHard(Long id) {
	}

	@Deletion(mode = DeletionMode.SOFT, deletionTimeColumn = "users.deleted_at")
	record MalformedColumn(Long id) {
	}

	@Entity
	@Deletion(mode = DeletionMode.SOFT)
	static class JpaEntity {

	}

	@Table("users")
	@Deletion(mode = DeletionMode.SOFT)
	record User(Long id) {
	}

	@Table("users")
	@Deletion(mode = DeletionMode.HARD)
	record Member(Long id) {
	}

}
