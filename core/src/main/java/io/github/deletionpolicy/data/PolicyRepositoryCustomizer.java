package io.github.deletionpolicy.data;

import org.springframework.data.jdbc.repository.support.JdbcRepositoryFactory;
import org.springframework.data.repository.core.support.RepositoryFactoryCustomizer;
import org.springframework.data.repository.core.support.RepositoryFactorySupport;

/**
 * Makes the derived deletes of a Spring Data JDBC repository follow the policy of its
 * table, and warns of its declared queries that remove rows which a policy keeps. A
 * repository of another kind, or of a table without a policy, is left as it is.
 * <p>
 * One that cannot obey is reported when the repository is made, by
 * {@link RepositoryParts#cannotObey(String, String)}.
 *
 * @since 0.1
 */
public class PolicyRepositoryCustomizer implements RepositoryFactoryCustomizer {

	private final RepositoryParts parts;

	/**
	 * Create the customizer of one repository.
	 * @param parts what it needs
	 */
	public PolicyRepositoryCustomizer(RepositoryParts parts) {
		this.parts = parts;
	}

	@Override
	public void customize(RepositoryFactorySupport factory) {
		if (factory instanceof JdbcRepositoryFactory) {
			factory.addRepositoryProxyPostProcessor((proxy, repository) -> {
				if (!this.parts.policies().policies().isEmpty() && this.parts.areInTheSameDatabase()) {
					new RepositoryDeletes(this.parts, repository).register(factory, proxy);
				}
			});
		}
	}

}
