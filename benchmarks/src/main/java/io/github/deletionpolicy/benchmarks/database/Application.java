package io.github.deletionpolicy.benchmarks.database;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * An application with the product's starter. It purges only when told to, unless its
 * properties say otherwise.
 *
 * @since 0.1
 */
public final class Application implements AutoCloseable {

	/**
	 * What is measured is how fast the product can be: nothing holds it back. Where the
	 * rate of the purge is limited by default, the line that lifts the limit belongs
	 * here.
	 */
	private static final List<String> WITHOUT_LIMITS = List.of("deletion-policy.purge.max-runtime=1h",
			"deletion-policy.purge.max-rows-per-second=-1");

	private final ConfigurableApplicationContext context;

	private final Database database;

	private Application(ConfigurableApplicationContext context) {
		this.context = context;
		this.database = new Database(context.getBean(DataSource.class),
				context.getBean(PlatformTransactionManager.class));
	}

	/**
	 * Start an application whose purge works as fast as it can.
	 * @param url the database
	 * @param properties further properties, each {@code name=value}
	 * @return the application
	 */
	public static Application start(String url, String... properties) {
		return startWith(url, List.of(), Stream.concat(WITHOUT_LIMITS.stream(), Arrays.stream(properties)).toList());
	}

	/**
	 * Start an application whose purge has the limits that it has by default.
	 * @param url the database
	 * @param processor gets hold of beans
	 * @return the application
	 */
	public static Application startWithDefaultLimits(String url, BeanPostProcessor processor) {
		return startWith(url, List.of(processor), List.of());
	}

	private static Application startWith(String url, List<BeanPostProcessor> processors, List<String> properties) {
		Map<String, String> all = new LinkedHashMap<>(Map.of("spring.main.banner-mode", "off", "logging.level.root",
				"error", "spring.datasource.url", url, "spring.datasource.hikari.maximum-pool-size", "40",
				"spring.datasource.hikari.minimum-idle", "1", "spring.quartz.auto-startup", "false",
				"deletion-policy.validation", "none", "deletion-policy.purge.enabled", "false"));
		for (TableShape shape : TableShape.values()) {
			all.put("deletion-policy.tables.%s.mode".formatted(shape.table()), "scheduled");
			all.put("deletion-policy.tables.%s.delay".formatted(shape.table()), "30d");
		}
		for (String property : properties) {
			String[] nameAndValue = property.split("=", 2);
			all.put(nameAndValue[0], nameAndValue[1]);
		}
		return new Application(new SpringApplicationBuilder(Configuration.class).web(WebApplicationType.NONE)
			.initializers((context) -> processors.forEach(context.getBeanFactory()::addBeanPostProcessor))
			.run(all.entrySet()
				.stream()
				.map((property) -> "--%s=%s".formatted(property.getKey(), property.getValue()))
				.toArray(String[]::new)));
	}

	/**
	 * Return the database, through the application's own pool.
	 * @return the database
	 */
	public Database database() {
		return this.database;
	}

	/**
	 * Return what deletes.
	 * @return the bean
	 */
	public DeleteTemplate deletes() {
		return this.context.getBean(DeleteTemplate.class);
	}

	/**
	 * Return what is pending.
	 * @return the bean
	 */
	public PendingPurges pending() {
		return this.context.getBean(PendingPurges.class);
	}

	/**
	 * Return the policies.
	 * @return the bean
	 */
	public DeletionPolicyRegistry policies() {
		return this.context.getBean(DeletionPolicyRegistry.class);
	}

	/**
	 * Purge what is due by the database's clock, in all worker slots.
	 * @return what was done
	 */
	public PurgeReport purge() {
		return this.context.getBean(Purger.class).purge();
	}

	/**
	 * Purge what is due, all of it.
	 * @param rows how many rows are due
	 * @throws IllegalStateException if another number was purged
	 */
	public void purge(long rows) {
		PurgeReport report = purge();
		if (report.total() != rows) {
			throw new IllegalStateException("%d rows were due: %s".formatted(rows, report));
		}
	}

	@Override
	public void close() {
		this.context.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Configuration {

	}

}
