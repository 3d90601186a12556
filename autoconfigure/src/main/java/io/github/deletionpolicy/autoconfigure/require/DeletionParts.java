package io.github.deletionpolicy.autoconfigure.require;

import javax.sql.DataSource;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import org.jspecify.annotations.Nullable;
import org.quartz.Scheduler;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

/**
 * The parts of an application that policies rest on, as far as bean definitions and the
 * class path tell.
 */
public final class DeletionParts {

	private DeletionParts() {
	}

	/**
	 * Return what stands in the way of deleting by policy.
	 * @param beanFactory the beans
	 * @param environment the properties
	 * @return the first part that is missing; {@code null} if there is none
	 */
	public static @Nullable MissingPart missing(ConfigurableListableBeanFactory beanFactory, Environment environment) {
		MissingPart dataSource = missingDataSource(beanFactory);
		if (dataSource != null) {
			return dataSource;
		}
		if (PartFinder.allNames(PlatformTransactionManager.class, beanFactory).isEmpty()) {
			return new MissingPart("There is no transaction manager.",
					"Declare a JdbcTransactionManager for the DataSource. Spring Boot declares one where there is a single or primary DataSource.");
		}
		boolean flywayWanted = environment.getProperty("deletion-policy.schema.enabled", Boolean.class, true);
		if (flywayWanted && !isPresent("org.flywaydb.core.Flyway", beanFactory)) {
			return new MissingPart(
					"Flyway is not on the class path, so the tables that record deletes cannot be created or brought up to date.",
					"Add org.flywaydb:flyway-core and org.flywaydb:flyway-database-postgresql, or run the scripts yourself and set deletion-policy.schema.enabled=false.");
		}
		return null;
	}

	private static @Nullable MissingPart missingDataSource(ConfigurableListableBeanFactory beanFactory) {
		PartFinder found = PartFinder.of(DataSource.class, beanFactory);
		if (found.name() != null) {
			return null;
		}
		if (found.names().isEmpty()) {
			return new MissingPart("There is no DataSource.",
					"Set spring.datasource.url, or declare a bean of type DataSource.");
		}
		return severalOf("DataSources", found, "whose tables have policies");
	}

	/**
	 * Return what stands in the way of purging on this node.
	 * @param beanFactory the beans
	 * @return what is missing; {@code null} if nothing is
	 */
	public static @Nullable MissingPart missingScheduler(ConfigurableListableBeanFactory beanFactory) {
		if (!isPresent("org.quartz.Scheduler", beanFactory)) {
			return new MissingPart("Nothing would ever be purged: Quartz is not on the class path.",
					"Add spring-boot-starter-quartz, or set deletion-policy.purge.enabled=false on nodes that must not purge.");
		}
		PartFinder found = PartFinder.of(Scheduler.class, beanFactory);
		if (found.name() != null) {
			return null;
		}
		if (found.names().isEmpty()) {
			return new MissingPart("Nothing would ever be purged: there is no Quartz Scheduler.",
					"Add spring-boot-starter-quartz or declare a SchedulerFactoryBean, or set deletion-policy.purge.enabled=false on nodes that must not purge.");
		}
		return severalOf("Quartz Schedulers", found, "that is to start the purge");
	}

	/**
	 * Return the bean that is meant, and make it known that another one needs it: it is
	 * started before that and stopped after it.
	 * @param type the type
	 * @param beanFactory the beans
	 * @param dependent the name of the other one
	 * @return the bean
	 */
	public static <T> T find(Class<T> type, ConfigurableListableBeanFactory beanFactory, String dependent) {
		String name = requiredNameOf(type, beanFactory);
		beanFactory.registerDependentBean(name, dependent);
		return beanFactory.getBean(name, type);
	}

	/**
	 * Return the bean that is meant, and make it known that it needs another one: it is
	 * started after that and stopped before it.
	 * @param type the type
	 * @param beanFactory the beans
	 * @param needed the name of the other one
	 * @return the bean
	 */
	public static <T> T findDependent(Class<T> type, ConfigurableListableBeanFactory beanFactory, String needed) {
		String name = requiredNameOf(type, beanFactory);
		beanFactory.registerDependentBean(needed, name);
		return beanFactory.getBean(name, type);
	}

	/**
	 * Return the name of the bean that is meant; {@code null} if it is not clear, or
	 * there is none.
	 */
	public static @Nullable String nameOf(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		return PartFinder.of(type, beanFactory).name();
	}

	private static String requiredNameOf(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		String name = nameOf(type, beanFactory);
		Assert.state(name != null, () -> "It is not clear which %s is meant.".formatted(type.getSimpleName()));
		return name;
	}

	static MissingPart severalOf(String what, PartFinder found, String purpose) {
		return found.qualified()
				? new MissingPart("Several %s have @DeletionPolicyDataSource: %s.".formatted(what, found.listed()),
						"Leave it on the one %s.".formatted(purpose))
				: new MissingPart(
						"There are several %s, and it is ambiguous which one to use: %s.".formatted(what,
								found.listed()),
						"Mark the one %s with @DeletionPolicyDataSource, or make one @Primary.".formatted(purpose));
	}

	private static boolean isPresent(String type, ConfigurableListableBeanFactory beanFactory) {
		return ClassUtils.isPresent(type, beanFactory.getBeanClassLoader());
	}

}
