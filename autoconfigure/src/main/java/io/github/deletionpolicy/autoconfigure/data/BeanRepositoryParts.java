package io.github.deletionpolicy.autoconfigure.data;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import io.github.deletionpolicy.autoconfigure.require.DeletionJdbc;
import io.github.deletionpolicy.data.RepositoryParts;
import io.github.deletionpolicy.mapping.AggregateMapping;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
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
		return this.beanFactory.getBeanProvider(AggregateMapping.class).getIfAvailable(() -> AggregateMapping.NONE);
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

	@Override
	public boolean areInTheSameDatabase() {
		JdbcAggregateOperations aggregates = aggregates();
		return aggregates == null || new PolicyDataSource(this.beanFactory).isOf(aggregates.getDataAccessStrategy());
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
