package io.github.deletionpolicy.autoconfigure.data;

import javax.sql.DataSource;

import io.github.deletionpolicy.autoconfigure.require.DeletionParts;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.data.jdbc.core.convert.DataAccessStrategy;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcAccessor;

/**
 * Says whether statements go to the database whose tables have policies.
 */
public class PolicyDataSource {

	private final @Nullable Object target;

	public PolicyDataSource(ConfigurableListableBeanFactory beanFactory) {
		String name = DeletionParts.nameOf(DataSource.class, beanFactory);
		this.target = (name != null) ? targetOf(beanFactory.getBean(name)) : null;
	}

	/**
	 * Return whether a strategy works on it.
	 * @param strategy carries out what a template wants; {@code null} for a mock
	 * @return whether it does; {@code false} if it is not clear which database has the
	 * policies, and {@code true} if the strategy does not tell which it works on
	 */
	public boolean isOf(@Nullable DataAccessStrategy strategy) {
		return strategy != null && isOf(strategy.getJdbcOperations());
	}

	boolean isOf(NamedParameterJdbcOperations operations) {
		if (this.target == null) {
			return false;
		}
		DataSource used = (operations.getJdbcOperations() instanceof JdbcAccessor accessor) ? accessor.getDataSource()
				: null;
		return used == null || targetOf(used) == this.target;
	}

	/**
	 * Behind proxies for transactions, for late connections or for a log it is the same
	 * database.
	 */
	private static Object targetOf(Object dataSource) {
		Object current = dataSource;
		while (true) {
			Object behind = (current instanceof DelegatingDataSource proxy) ? proxy.getTargetDataSource()
					: AopProxyUtils.getSingletonTarget(current);
			if (behind == null) {
				return current;
			}
			current = behind;
		}
	}

}
