package io.github.deletionpolicy.autoconfigure.require;

import java.beans.PropertyDescriptor;
import java.util.List;

import javax.sql.DataSource;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ReflectionUtils;

/**
 * Chooses the transaction manager under which rows are stamped and their record is
 * written. One of another {@link DataSource} is never taken: a rollback would leave both
 * behind.
 */
public final class TransactionManagers {

	private TransactionManagers() {
	}

	/**
	 * Choose: the qualified one, else the only or primary one, else the only one that
	 * manages the data source.
	 * @param dataSource the data source
	 * @param beanFactory the beans
	 * @return what was chosen, or why nothing was
	 */
	public static Choice choose(DataSource dataSource, ConfigurableListableBeanFactory beanFactory) {
		PartFinder found = PartFinder.of(PlatformTransactionManager.class, beanFactory);
		String name = found.name();
		if (name != null) {
			PlatformTransactionManager manager = manager(name, beanFactory);
			if (management(manager, dataSource) != Management.OF_ANOTHER) {
				return Choice.of(manager);
			}
			if (found.qualified()) {
				return Choice
					.none("Transaction manager '%s' has @DeletionPolicyDataSource but does not manage this DataSource."
						.formatted(name));
			}
		}
		List<String> managing = PartFinder.allNames(PlatformTransactionManager.class, beanFactory)
			.stream()
			.filter((it) -> management(manager(it, beanFactory), dataSource) == Management.OF_THIS)
			.toList();
		if (managing.size() == 1 && !found.qualified()) {
			return Choice.of(manager(managing.get(0), beanFactory));
		}
		if (name != null) {
			return Choice.none("Transaction manager '%s' does not manage this DataSource.".formatted(name));
		}
		if (managing.isEmpty() && !found.qualified()) {
			return Choice.none("None of the transaction managers (%s) is known to manage the right DataSource."
				.formatted(found.listed()));
		}
		return new Choice(null, DeletionParts.severalOf("transaction managers", found,
				"that manages the DataSource whose tables have policies"));
	}

	private static PlatformTransactionManager manager(String name, ConfigurableListableBeanFactory beanFactory) {
		return beanFactory.getBean(name, PlatformTransactionManager.class);
	}

	/**
	 * JPA's transaction manager tells its data source like that of JDBC. One that manages
	 * a single resource and tells none manages another; of others, such as JTA's, nothing
	 * is known.
	 */
	private static Management management(PlatformTransactionManager manager, DataSource dataSource) {
		Object target = AopProxyUtils.getSingletonTarget(manager);
		Object managed = dataSourceOf((target != null) ? target : manager);
		if (managed != null) {
			return unwrap(managed) == unwrap(dataSource) ? Management.OF_THIS : Management.OF_ANOTHER;
		}
		return (manager instanceof ResourceTransactionManager) ? Management.OF_ANOTHER : Management.UNKNOWN;
	}

	private static @Nullable Object dataSourceOf(Object manager) {
		PropertyDescriptor property = BeanUtils.getPropertyDescriptor(manager.getClass(), "dataSource");
		if (property == null || property.getReadMethod() == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(property.getReadMethod());
		return ReflectionUtils.invokeMethod(property.getReadMethod(), manager);
	}

	/**
	 * Transactions are bound to what this proxy stands before.
	 */
	private static Object unwrap(Object dataSource) {
		DataSource target = (dataSource instanceof TransactionAwareDataSourceProxy proxy) ? proxy.getTargetDataSource()
				: null;
		return (target != null) ? target : dataSource;
	}

	private enum Management {

		OF_THIS, OF_ANOTHER, UNKNOWN

	}

	/**
	 * A choice: one of the two is there.
	 *
	 * @param manager what was chosen
	 * @param missing why nothing was
	 */
	public record Choice(@Nullable PlatformTransactionManager manager, @Nullable MissingPart missing) {

		private static Choice of(PlatformTransactionManager manager) {
			return new Choice(manager, null);
		}

		private static Choice none(String complaint) {
			return new Choice(null, new MissingPart(
					complaint + " A rollback would not undo changes to the tables with policies.",
					"Declare a JdbcTransactionManager for this DataSource, and mark it with @DeletionPolicyDataSource."));
		}

	}

}
