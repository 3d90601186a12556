package io.github.deletionpolicy.autoconfigure;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.data.JdbcAggregateMapping;
import io.github.deletionpolicy.data.RelationalAggregateMapping;
import io.github.deletionpolicy.mapping.AggregateMapping;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.quartz.Scheduler;
import org.quartz.impl.StdScheduler;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

class DeletionPolicyAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = PolicyContexts.runner();

	@Test
	void registryIsThereWithoutAnyPolicy() {
		this.contextRunner.run((context) -> {
			assertThat(registry(context).policies()).isEmpty();
			assertThat(registry(context).policyFor("users")).isEqualTo(DeletionPolicy.hard("users"));
		});
	}

	@Test
	void beansDeclarePolicies() {
		this.contextRunner.withUserConfiguration(PolicyBeans.class).run((context) -> {
			assertThat(registry(context).policies()).containsExactlyInAnyOrder(
					DeletionPolicy.scheduled("users", Duration.ofDays(7)), DeletionPolicy.soft("billing.invoices"));
			assertThat(registry(context).originOf("users")).isEqualTo("bean 'usersPolicy'");
		});
	}

	@Test
	void propertiesGoBeforeBeans() {
		this.contextRunner.withUserConfiguration(PolicyBeans.class)
			.withPropertyValues("deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d")
			.run((context) -> {
				assertThat(registry(context).policyFor("users"))
					.isEqualTo(DeletionPolicy.scheduled("users", Duration.ofDays(30)));
				assertThat(registry(context).policyFor("billing.invoices"))
					.isEqualTo(DeletionPolicy.soft("billing.invoices"));
			});
	}

	@Test
	void beansOfAParentContextCount() {
		new ApplicationContextRunner().withUserConfiguration(PolicyBeans.class)
			.run((parent) -> this.contextRunner.withParent(parent)
				.run((context) -> assertThat(registry(context).policies()).hasSize(2)));
	}

	@Test
	void twoBeansForOneTableStopTheStart() {
		this.contextRunner.withUserConfiguration(PolicyBeans.class)
			.withBean("otherPolicy", DeletionPolicy.class, () -> DeletionPolicy.hard("Users"))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessage(
						"Table 'users' has two policies: bean 'otherPolicy' and bean 'usersPolicy'. Keep one of them."));
	}

	@Test
	void registryOfTheApplicationReplacesOurs() {
		DeletionPolicyRegistry own = new OwnRegistry();
		this.contextRunner.withBean(DeletionPolicyRegistry.class, () -> own)
			.run((context) -> assertThat(registry(context)).isSameAs(own));
	}

	@Test
	void classesAreMappedAsFarAsTheClassPathGoes() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(JdbcAggregateMapping.class));
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.data.jdbc"))
			.run((context) -> assertThat(context).hasSingleBean(RelationalAggregateMapping.class)
				.doesNotHaveBean(JdbcAggregateMapping.class));
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.data"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(AggregateMapping.class));
	}

	@Test
	void nothingIsLeftWhenDisabled() {
		new ApplicationContextRunner().withConfiguration(PolicyContexts.allAutoConfigurations())
			.withBean(DataSource.class, PGSimpleDataSource::new)
			.withBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(new PGSimpleDataSource()))
			.withBean(Scheduler.class, () -> new StdScheduler(null), (definition) -> definition.setLazyInit(true))
			.withPropertyValues("deletion-policy.enabled=false", "deletion-policy.tables.users.mode=nonsense",
					"management.endpoints.web.exposure.include=*")
			.run((context) -> assertThat(Arrays.stream(context.getBeanDefinitionNames())
				.map(context::getType)
				.filter((type) -> type != null && type.getName().startsWith("io.github.deletionpolicy"))).isEmpty());
	}

	private static DeletionPolicyRegistry registry(AssertableApplicationContext context) {
		return context.getBean(DeletionPolicyRegistry.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class PolicyBeans {

		@Bean
		DeletionPolicy usersPolicy() {
			return DeletionPolicy.scheduled("users", Duration.ofDays(7));
		}

		@Bean
		DeletionPolicy.Soft invoicesPolicy() {
			return DeletionPolicy.soft("billing.invoices");
		}

	}

	static class OwnRegistry implements DeletionPolicyRegistry {

		@Override
		public DeletionPolicy policyFor(String table) {
			return DeletionPolicy.soft(table);
		}

		@Override
		public Collection<DeletionPolicy> policies() {
			return List.of();
		}

	}

}
