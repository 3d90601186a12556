package io.github.deletionpolicy.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.BoundConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * {@link AutoConfiguration Auto-configuration} for deletion policies.
 *
 * @since 0.1
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
@EnableConfigurationProperties(DeletionPolicyProperties.class)
public final class DeletionPolicyAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(DeletionPolicyRegistry.class)
	DeclaredDeletionPolicies deletionPolicyRegistry(DeletionPolicyProperties properties,
			ConfigurableEnvironment environment, ApplicationContext applicationContext) {
		BoundConfigurationProperties bound = BoundConfigurationProperties.get(applicationContext);
		if (bound != null) {
			UnreadProperties.check(environment, bound);
		}
		return new DeclaredDeletionPolicies(PropertyDeclarations.of(properties.tables(), new TableEntries(environment)),
				ofBeans(applicationContext));
	}

	private static List<Declaration> ofBeans(ListableBeanFactory beanFactory) {
		List<Declaration> declarations = new ArrayList<>();
		BeanFactoryUtils.beansOfTypeIncludingAncestors(beanFactory, DeletionPolicy.class)
			.forEach((name, policy) -> declarations.add(new Declaration(policy, "bean '%s'".formatted(name))));
		return declarations;
	}

}
