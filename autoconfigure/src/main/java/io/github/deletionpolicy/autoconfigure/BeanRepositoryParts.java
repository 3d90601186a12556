package io.github.deletionpolicy.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import io.github.deletionpolicy.AggregateMapping;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.data.RepositoryParts;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcAccessor;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Takes the parts from the beans, each when it is asked for.
 *
 * @param beanFactory the beans
 * @param aggregatesName the bean that the repository names for its aggregates;
 * {@code null} if it names none
 */
record BeanRepositoryParts(ConfigurableListableBeanFactory beanFactory,
		@Nullable String aggregatesName) implements RepositoryParts {

	private static final Log logger = LogFactory.getLog(BeanRepositoryParts.class);

	@Override
	public DeletionPolicyRegistry policies() {
		return this.beanFactory.getBean(DeletionPolicyRegistry.class);
	}

	@Override
	public AggregateMapping mapping() {
		return this.beanFactory.getBeanProvider(AggregateMapping.class).getIfAvailable(NoAggregateMapping::new);
	}

	@Override
	public @Nullable DeleteOperations deletes() {
		return this.beanFactory.getBeanProvider(DeleteOperations.class).getIfAvailable();
	}

	private @Nullable JdbcAggregateOperations aggregates() {
		return (this.aggregatesName != null)
				? this.beanFactory.getBean(this.aggregatesName, JdbcAggregateOperations.class)
				: this.beanFactory.getBeanProvider(JdbcAggregateOperations.class).getIfAvailable();
	}

	/**
	 * Another database is one that another bean leads to. What leads nowhere known may be
	 * the same in disguise, and a policy must not be void for that.
	 */
	@Override
	public boolean areInTheSameDatabase() {
		List<String> names = PartFinder.allNames(DataSource.class, this.beanFactory);
		String ours = PartFinder.of(DataSource.class, this.beanFactory).name();
		JdbcAggregateOperations aggregates = (names.size() > 1 && ours != null) ? aggregates() : null;
		DataSource used = (aggregates != null)
				? dataSourceOf(aggregates.getDataAccessStrategy().getJdbcOperations().getJdbcOperations()) : null;
		return used == null || used == dataSource(ours) || names.stream().noneMatch((name) -> dataSource(name) == used);
	}

	private static @Nullable DataSource dataSourceOf(JdbcOperations operations) {
		return (operations instanceof JdbcAccessor accessor) ? unwrapped(accessor.getDataSource()) : null;
	}

	private @Nullable DataSource dataSource(@Nullable String name) {
		return (name != null) ? unwrapped(this.beanFactory.getBean(name, DataSource.class)) : null;
	}

	private static @Nullable DataSource unwrapped(@Nullable DataSource dataSource) {
		return (dataSource instanceof DelegatingDataSource proxy && proxy.getTargetDataSource() != null)
				? unwrapped(proxy.getTargetDataSource()) : dataSource;
	}

	@Override
	public TransactionOperations transactions() {
		return this.beanFactory.getBean(DeletionJdbc.class).callers();
	}

	@Override
	public void cannotObey(String description, String action) {
		switch (properties().repositories().derivedDeletes()) {
			case FAIL -> throw new InvalidDeletionPolicyException(description, action);
			case WARN -> logger.warn(description + " The method removes rows for good.");
			case IGNORE -> logger.debug(description + " The method removes rows for good.");
		}
	}

	private DeletionPolicyProperties properties() {
		return this.beanFactory.getBean(DeletionPolicyProperties.class);
	}

}
